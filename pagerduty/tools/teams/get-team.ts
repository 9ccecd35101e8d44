import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { shownName } from '../words/answers.ts';
import { teamAnswer, teamFields, teamPath, visibilityWords } from './teams.ts';

const input = toolInput({ team_id: id('team') });

export const getTeam = defineReadTool<z.infer<typeof input>>({
  name: 'get_team',
  title: 'Read a team',
  description: 'Read one team: name, description, whether it is public or private, and the team it is part of.',
  toolset: 'teams',
  source: { operationId: 'getTeam', path: '/teams/{id}', scope: 'teams.read' },
  reads: ['teams.read'],
  input,
  example: { team_id: 'PTCOMRC' },
  async run(pagerduty, { team_id: teamId }) {
    const { team } = await pagerduty.get(teamPath(teamId), teamAnswer);
    const visibility = team.default_role ? ` is ${visibilityWords(team.default_role)}` : ' exists';
    return { answer: { team: teamFields(team) }, text: `The team "${shownName(team)}"${visibility}.` };
  },
});
