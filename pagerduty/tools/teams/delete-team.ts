import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { defineWriteTool, type Summary, type Verdict, type Watched } from '../../write-tool.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { collect } from '../facts/pages.ts';
import { type Named, named, nameOf } from '../facts/people.ts';
import { id, toolInput } from '../input/parameters.ts';
import { strictest } from '../words/risks.ts';
import { counted, listed } from '../words/wording.ts';
import { readOpenIncidents } from './standing.ts';
import {
  EVERYTHING,
  memberFacts,
  names,
  readMembers,
  readOwned,
  readShiftSchedules,
  readTeam,
  readTeamIfAny,
  type TeamFacts,
  team,
  teamChange,
  teamFacts,
  teamPath,
} from './teams.ts';

const input = toolInput({ team_id: id('team') });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  team: teamFacts,
  members: z.array(memberFacts),
  /** What of it belongs to the team; PagerDuty deletes only a team to which nothing belongs. */
  services: z.array(named),
  policies: z.array(named),
  schedules: z.array(named),
  /** Null when shift-based schedules could not be listed. */
  shiftSchedules: z.array(named).nullable(),
  subteams: z.array(named),
  openIncidents: z.array(named),
});
type Before = z.infer<typeof before>;

async function readSubteams(pagerduty: ReadClient, teamId: string): Promise<Named[]> {
  const source = { path: '/teams', list: 'teams', item: team };
  const { items } = await collect(pagerduty, source, {}, { limit: EVERYTHING });
  return items.filter(({ parent }) => parent?.id === teamId).map((one) => ({ id: one.id, name: nameOf(one) }));
}

async function read(pagerduty: ReadClient, { team_id: teamId }: Input): Promise<Before> {
  const [found, members, services, policies, schedules, shiftSchedules, subteams, openIncidents] = await Promise.all([
    readTeam(pagerduty, teamId),
    readMembers(pagerduty, teamId),
    readOwned(pagerduty, 'services', teamId),
    readOwned(pagerduty, 'escalation_policies', teamId),
    readOwned(pagerduty, 'schedules', teamId),
    readShiftSchedules(pagerduty, teamId),
    readSubteams(pagerduty, teamId),
    readOpenIncidents(pagerduty, { team_ids: [teamId] }),
  ]);
  const readAt = new Date().toISOString();
  return { readAt, team: found, members, services, policies, schedules, shiftSchedules, subteams, openIncidents };
}

/** What belongs to the team, kind by kind, in words. */
function belongings(facts: Before): string[] {
  const said = (list: Named[], noun: string, plural?: string) =>
    list.length === 0 ? [] : [`${counted(list.length, noun, plural)} (${names(list)})`];
  const layered = facts.schedules;
  const shifts = (facts.shiftSchedules ?? []).filter((one) => !layered.some((other) => other.id === one.id));
  return [
    ...said(facts.services, 'service'),
    ...said(facts.policies, 'escalation policy', 'escalation policies'),
    ...said([...layered, ...shifts], 'schedule'),
    ...said(facts.subteams, 'sub-team'),
  ];
}

function admit(facts: Before): Verdict {
  const there = belongings(facts);
  if (there.length === 0) return yes;
  return no(
    `PagerDuty deletes a team only when nothing belongs to it any more; "${facts.team.name}" still has ${listed(there)}.`,
  );
}

const memberWords = ({ members }: Before) => listed(members.map(({ name, role }) => `${name} (${role})`)) || 'none';

function watched(facts: Before): Watched[] {
  const ids = (list: Named[]) => list.map((one) => one.id).sort();
  const subject = (part: string) => `${part} of the team "${facts.team.name}"`;
  return [
    ...teamChange.watched(facts.team),
    {
      key: 'members',
      subject: subject('The list of members'),
      value: facts.members.map((one) => `${one.id} ${one.role}`).sort(),
      words: `"${memberWords(facts)}"`,
    },
    {
      key: 'incidents',
      subject: subject('The list of open incidents'),
      value: ids(facts.openIncidents),
      words: `"${names(facts.openIncidents) || 'none'}"`,
    },
    {
      key: 'belongings',
      subject: subject('The list of belongings'),
      value: ids([
        ...facts.services,
        ...facts.policies,
        ...facts.schedules,
        ...(facts.shiftSchedules ?? []),
        ...facts.subteams,
      ]),
      words: `"${listed(belongings(facts)) || 'none'}"`,
    },
  ];
}

function summarize(facts: Before): Summary {
  const open = facts.openIncidents;
  const orphans =
    open.length === 0
      ? 'No open incident belongs to it.'
      : `${counted(open.length, 'open incident')} will belong to no team, so everybody in the account may see ${open.length === 1 ? 'it' : 'them'}: ${names(open)}.`;
  return {
    title: `Delete the team "${facts.team.name}"`,
    target: facts.team.name,
    services: facts.services.map(({ name }) => name),
    lines: [
      { label: 'Team', now: facts.team.name, after: 'deleted' },
      { label: 'Members', now: memberWords(facts), after: 'none' },
      { label: 'Open incidents', now: names(open) || 'none', after: open.length === 0 ? 'none' : 'without a team' },
    ],
    effect: {
      known: facts.shiftSchedules !== null,
      lines: [
        orphans,
        `What the role in the team allowed is lost to ${counted(facts.members.length, 'member')}.`,
        'Nobody starts or stops being paged; it cannot be undone.',
        ...(facts.shiftSchedules === null ? ['Whether shift-based schedules belong to it could not be read.'] : []),
      ],
    },
  };
}

export const deleteTeam = defineWriteTool<Input, Before, TeamFacts | null>({
  name: 'delete_team',
  title: 'Delete a team',
  description:
    'Delete a team to which no service, escalation policy, schedule or sub-team belongs. Its open incidents then belong to no team. Cannot be undone.',
  version: 1,
  toolset: 'teams',
  source: { operationId: 'deleteTeam', method: 'DELETE', path: '/teams/{id}', scope: 'teams.write' },
  reads: ['teams.read', 'services.read', 'escalation_policies.read', 'schedules.read', 'incidents.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: { team_id: 'PTRETRN' },

  read,
  watched: (_request, facts) => watched(facts),
  admit: (_request, facts) => admit(facts),
  risk: (_request, { openIncidents: open }) =>
    strictest([
      { level: 'critical', reason: 'A team cannot be brought back: a new one has another id.' },
      ...(open.length === 0
        ? []
        : [{ level: 'critical' as const, reason: `Leaves ${counted(open.length, 'open incident')} without a team.` }]),
    ]),
  touches: ({ team_id: teamId }) => ({ subjects: [`team:${teamId}`], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize: (_request, facts) => summarize(facts),
  call: ({ team_id: teamId }) => ({ method: 'DELETE', path: teamPath(teamId), body: null }),
  alsoHolds: nothingElse,
  interpret({ team_id: teamId }, body) {
    if (body !== null) throw new TypeError('A deletion is answered without a body.');
    return { applied: true, result: { team_id: teamId }, secrets: [] };
  },
  readBack: (pagerduty, { team_id: teamId }) => readTeamIfAny(pagerduty, teamId),
  verify: ({ team_id: teamId }, found) =>
    found === null
      ? { applied: true, because: 'PagerDuty does not know the team any more.', result: { team_id: teamId } }
      : { applied: false, because: 'The team is still there; PagerDuty never gives an id twice.' },
  undo: () => ({
    possible: false,
    because: 'A team that is made again has another id; its members and incidents would have to be put back by hand.',
  }),
});
