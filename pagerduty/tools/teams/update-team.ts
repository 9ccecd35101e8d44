import { z } from 'zod';
import { defineWriteTool, type Evidence, type SummaryLine } from '../../write-tool.ts';
import { readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { id, jsonText, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { counted } from '../words/wording.ts';
import {
  memberFacts,
  readMembers,
  readTeam,
  readTeamIfAny,
  type TeamFacts,
  teamAnswer,
  teamChange,
  teamFacts,
  teamInput,
  teamPath,
} from './teams.ts';

const input = toolInput({
  team_id: id('team'),
  update_model: jsonText(z.strictObject({ team: jsonText(teamInput) })).describe(
    'PagerDuty wants the name each time: give the present one to keep it. What you leave out stays as it is.',
  ),
});
type Input = z.infer<typeof input>;

const before = z.object({ readAt: z.string(), team: teamFacts, members: z.array(memberFacts) });
type Before = z.infer<typeof before>;

interface After {
  /** Null = the team is gone. */
  team: TeamFacts | null;
  trail: Trail;
}

const asked = ({ update_model: { team: wanted } }: Input) => wanted;

/** The visibility that is asked for, if it is not what the team has. */
function newRole(request: Input, { team }: Before): 'manager' | 'none' | null {
  const role = asked(request).default_role;
  return role === undefined || role === team.defaultRole ? null : role;
}

function risks(request: Input, facts: Before): Risk[] {
  const { name, description = '' } = asked(request);
  const role = newRole(request, facts);
  const found: Risk[] = [
    { level: 'medium', reason: 'Changes how a team is shown that people look up.' },
    ...textRisks(`${name}\n${description}`),
  ];
  if (role === 'manager') found.push({ level: 'high', reason: 'Makes a private team public.' });
  if (role === 'none') found.push({ level: 'high', reason: 'Takes the team out of sight of everybody outside it.' });
  return found;
}

function lines(request: Input, { team }: Before): SummaryLine[] {
  // PagerDuty wants the name each time; as it is, it is no change.
  const { name, ...rest } = asked(request);
  return teamChange.lines(name === team.exactName ? rest : { name, ...rest }, team);
}

function effect(request: Input, facts: Before): string[] {
  const role = newRole(request, facts);
  const seen: Record<'manager' | 'none', string> = {
    manager:
      'Everybody in the account can see the team and what belongs to it, and act on it as far as their base role lets them.',
    none: `Only its ${counted(facts.members.length, 'member')} and administrators still see the team, its incidents and what belongs to it.`,
  };
  return [
    'Nobody starts or stops being paged.',
    role === null ? 'Who can see the team stays as it is.' : seen[role],
    ...(role === 'none' ? [] : [`It has ${counted(facts.members.length, 'member')}.`]),
  ];
}

function verify(request: Input, { team, trail }: After): Evidence {
  if (team === null) return { applied: null, because: 'The team is gone, so it cannot be told. A human must look.' };
  return teamChange.evidence(asked(request), team, trail, { team_id: team.id });
}

export const updateTeam = defineWriteTool<Input, Before, After>({
  name: 'update_team',
  title: 'Change a team',
  description: 'Rename or describe a team, or make it public or private. Only the fields you give are changed.',
  version: 1,
  toolset: 'teams',
  source: { operationId: 'updateTeam', method: 'PUT', path: '/teams/{id}', scope: 'teams.write' },
  reads: ['teams.read', TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: {
    team_id: 'PTDATA1',
    update_model: { team: { name: 'Data and Messaging', description: 'Pipelines, customer mail and SMS.' } },
  },

  async read(pagerduty, { team_id: teamId }) {
    const [team, members] = await Promise.all([readTeam(pagerduty, teamId), readMembers(pagerduty, teamId)]);
    return { readAt: new Date().toISOString(), team, members };
  },
  watched: (_request, { team }) => teamChange.watched(team),
  admit: (request, { team }) =>
    teamChange.differing(asked(request), team).length > 0 ? yes : no(`The team "${team.name}" is like that already.`),
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: ({ team_id: teamId }) => ({ subjects: [`team:${teamId}`], escalationPolicyIds: [] }),
  supersedes: (request) => teamChange.supersedes('update_team', asked(request), request.team_id),
  summarize: (request, facts) => ({
    title: `Change the team "${facts.team.name}"`,
    target: facts.team.name,
    services: [],
    lines: lines(request, facts),
    effect: { known: true, lines: effect(request, facts) },
  }),
  call: (request) => ({
    method: 'PUT',
    path: teamPath(request.team_id),
    body: { team: { type: 'team', ...asked(request) } },
  }),
  alsoHolds: nothingElse,
  interpret({ team_id: teamId }, body) {
    if (teamAnswer.parse(body).team.id !== teamId) throw new TypeError('The answer shows another team.');
    return { applied: true, result: { team_id: teamId }, secrets: [] };
  },
  async readBack(pagerduty, { team_id: teamId }, attempt) {
    const [team, trail] = await Promise.all([
      readTeamIfAny(pagerduty, teamId),
      readTrail(pagerduty, 'teams', teamId, attempt),
    ]);
    return { team, trail };
  },
  verify,
  undo: (request, { team }) =>
    teamChange.undo(asked(request), team, {
      tool: 'update_team',
      input: (former) => ({ team_id: request.team_id, update_model: { team: former } }),
      note: 'Puts the former values back.',
    }),
});
