import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { user } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, ids, limit, query, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { userFields } from './person.ts';

const input = toolInput({ query, teams_ids: ids('team'), limit });

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
    return { answer: { users: found.items.map(userFields), more: found.more }, text: listSentence(found, 'user') };
  },
});
