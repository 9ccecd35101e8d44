import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import { defineReadTool } from '../../read-tool.ts';
import { userAnswer } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, limit, optional, query, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { EVERYTHING, team, teamFields } from './teams.ts';

const input = toolInput({
  scope: optional(z.enum(['all', 'my'])).describe('my = teams of the person whose key Countersign reads with.'),
  query,
  limit,
});

/** Ids of the teams of the person behind the credential. @throws PagerDutyError when nobody is behind it. */
async function ownTeamIds(pagerduty: ReadClient): Promise<string[]> {
  try {
    const { user } = await pagerduty.get('/users/me', userAnswer);
    return (user.teams ?? []).map(({ id }) => id);
  } catch (error) {
    if (!(error instanceof PagerDutyError) || error.status !== 400) throw error;
    throw new PagerDutyError(
      'invalid',
      'Countersign reads with a credential that belongs to no person, so there are no teams of its own: leave scope out, or look for a person with list_users, which tells the teams.',
      { status: 400, cause: error },
    );
  }
}

export const listTeams = defineReadTool<z.infer<typeof input>>({
  name: 'list_teams',
  title: 'List teams',
  description: 'List teams by name: id, name, description, and whether they are public or private.',
  toolset: 'teams',
  source: { operationId: 'listTeams', path: '/teams', scope: 'teams.read' },
  reads: ['teams.read'],
  input,
  example: { query: 'data' },
  async run(pagerduty, { scope = 'all', query: name, limit: wanted = DEFAULT_LIMIT }) {
    const source = { path: '/teams', list: 'teams', item: team };
    const own = scope === 'my' ? await ownTeamIds(pagerduty) : null;
    // PagerDuty cannot filter teams by person, so all are read and sifted.
    const found = await collect(pagerduty, source, { query: name }, { limit: own === null ? wanted : EVERYTHING });
    const kept = found.items.filter(({ id }) => own === null || own.includes(id));
    const shown = { items: kept.slice(0, wanted), more: found.more || kept.length > wanted };
    return { answer: { teams: shown.items.map(teamFields), more: shown.more }, text: listSentence(shown, 'team') };
  },
});
