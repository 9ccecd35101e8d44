import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { user } from '../../schemas.ts';
import { line, listSentence, refs } from '../answers.ts';
import { collect } from '../pages.ts';
import { DEFAULT_LIMIT, ids, limit, query, toolInput } from '../parameters.ts';
import { nameOf } from '../people.ts';

const input = toolInput({ query, teams_ids: ids('team'), limit });

// No tool takes a mail address, ids are enough to act: addresses and phones stay inside.
export const listUsers = defineReadTool<z.infer<typeof input>>({
  name: 'list_users',
  title: 'List users',
  description:
    'List users by name and team: id, name, role, job title, time zone, teams. Mail addresses and phones are left out.',
  toolset: 'users',
  source: { operationId: 'listUsers', path: '/users', scope: 'users.read' },
  reads: ['users.read'],
  input,
  example: { query: 'lena' },
  async run(pagerduty, { query: name, teams_ids: teams, limit: wanted = DEFAULT_LIMIT }) {
    const source = { path: '/users', list: 'users', item: user };
    const found = await collect(pagerduty, source, { query: name, team_ids: teams }, { limit: wanted });
    const users = found.items.map((item) => ({
      id: item.id,
      name: nameOf(item),
      role: item.role ?? null,
      job_title: line(item.job_title),
      time_zone: item.time_zone ?? null,
      teams: refs(item.teams),
    }));
    return { answer: { users, more: found.more }, text: listSentence(found, 'user') };
  },
});
