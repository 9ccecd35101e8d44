import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, limit, offset, toolInput } from '../input/parameters.ts';
import { line, listSentence, ref } from '../words/answers.ts';
import { membership, teamPath } from './teams.ts';

const input = toolInput({ team_id: id('team'), limit, offset });

export const listTeamMembers = defineReadTool<z.infer<typeof input>>({
  name: 'list_team_members',
  title: 'List the members of a team',
  description: 'List the members of a team and the role each has in it: manager, responder or observer.',
  toolset: 'teams',
  source: { operationId: 'listTeamUsers', path: '/teams/{id}/members', scope: 'teams.read' },
  reads: ['teams.read'],
  input,
  example: { team_id: 'PTCOMRC' },
  async run(pagerduty, { team_id: teamId, limit: wanted = DEFAULT_LIMIT, offset: skipped = 0 }) {
    const source = { path: `${teamPath(teamId)}/members`, list: 'members', item: membership };
    const found = await collect(pagerduty, source, {}, { limit: wanted, offset: skipped });
    const members = found.items.map(({ user, role }) => ({ user: ref(user), role: line(role) }));
    return { answer: { members, more: found.more }, text: listSentence(found, 'member') };
  },
});
