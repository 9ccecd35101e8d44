import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import {
  defineWriteTool,
  type Evidence,
  type Summary,
  type Undo,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { absence, presence, TRAIL_SCOPE } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { named, readUser } from '../facts/people.ts';
import { id, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { listed } from '../words/wording.ts';
import { type MembershipNow, readMembership } from './roles.ts';
import {
  onCallWords,
  readOpenIncidents,
  readOwnPolicies,
  readOwnSchedules,
  standingFacts,
  standingRisks,
} from './standing.ts';
import { memberPath, names, readMembers, readTeam, teamFacts, teamRole } from './teams.ts';

const input = toolInput({ team_id: id('team'), user_id: id('user') });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  team: teamFacts,
  person: named,
  /** The role in the team; null = no member. */
  role: z.string().nullable(),
  /** Escalation policies of the team that name the person, with those levels (1-based). */
  policies: z.array(named.extend({ levels: z.array(z.number()) })),
  /** Schedules of the team that the person is on. */
  schedules: z.array(named),
  /** False when shift-based schedules could not be read. */
  schedulesKnown: z.boolean(),
  ...standingFacts.shape,
});
type Before = z.infer<typeof before>;

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const [team, person, members, { policies, onCall }, { schedules, known }, assigned] = await Promise.all([
    readTeam(pagerduty, request.team_id),
    readUser(pagerduty, request.user_id),
    readMembers(pagerduty, request.team_id),
    readOwnPolicies(pagerduty, request.team_id, request.user_id),
    readOwnSchedules(pagerduty, request.team_id, request.user_id),
    readOpenIncidents(pagerduty, { team_ids: [request.team_id], user_ids: [request.user_id] }),
  ]);
  const role = members.find((one) => one.id === request.user_id)?.role ?? null;
  const readAt = new Date().toISOString();
  return { readAt, team, person, role, policies, schedules, schedulesKnown: known, onCall, assigned };
}

const policyWords = ({ policies }: Before) =>
  listed(policies.map(({ name, levels }) => `"${name}" (level ${listed(levels.map(String))})`));

function admit(facts: Before): Verdict {
  const { team, person, role, policies } = facts;
  if (role === null) return no(`${person.name} is no member of the team "${team.name}".`);
  if (policies.length > 0) {
    return no(
      `PagerDuty refuses this while ${person.name} is on an escalation policy of the team "${team.name}": ${policyWords(facts)}. Take ${person.name} off it first.`,
    );
  }
  return yes;
}

function watched(facts: Before): Watched[] {
  const { team, person, role, policies, schedules } = facts;
  return [
    { key: 'team', subject: 'The name of the team', value: team.exactName, words: `"${team.name}"` },
    {
      key: 'role',
      subject: `The role of ${person.name} in the team "${team.name}"`,
      value: role,
      words: `"${role ?? 'none'}"`,
    },
    {
      key: 'policies',
      subject: `The list of the team's escalation policies with ${person.name}`,
      value: policies.map((one) => one.id).sort(),
      words: policyWords(facts) || '"none"',
    },
    {
      key: 'schedules',
      subject: `The list of the team's schedules with ${person.name}`,
      value: schedules.map((one) => one.id).sort(),
      words: `"${names(schedules) || 'none'}"`,
    },
  ];
}

function risks({ team, person, role, ...standing }: Before): Risk[] {
  const reason = `Takes away what the role of ${role ?? 'member'} in the team "${team.name}" allows.`;
  return [{ level: 'high', reason }, ...standingRisks(person, standing)];
}

function summarize(facts: Before): Summary {
  const { team, person, role, schedules, schedulesKnown, onCall, assigned } = facts;
  const stays =
    schedules.length === 0
      ? []
      : [
          `Stays on the team's schedules: ${names(schedules)}. PagerDuty may refuse while an escalation policy of the team uses one.`,
        ];
  return {
    title: `Remove ${person.name} from the team "${team.name}"`,
    target: team.name,
    services: [],
    lines: [{ label: `Role of ${person.name} in the team`, now: role, after: 'no member' }],
    effect: {
      known: onCall !== null && schedulesKnown,
      lines: [
        'Nobody starts or stops being paged.',
        onCallWords(person, facts, 'the rights of the base role'),
        ...stays,
        ...(schedulesKnown ? [] : ['Not all shift-based schedules of the team could be read.']),
        ...(assigned.length === 0 ? [] : [`Stays assigned to open incidents of the team: ${names(assigned)}.`]),
      ],
    },
  };
}

function verify({ team_id: teamId, user_id: userId }: Input, { team, role, trail }: MembershipNow): Evidence {
  if (team === null) return { applied: null, because: 'The team is gone, so it cannot be told. A human must look.' };
  if (role !== null) return absence(trail, `The person is still a member, as ${role}.`);
  return presence(trail, 'The person is no member of the team any more.', { team_id: teamId, user_id: userId });
}

function undo({ team_id: teamId, user_id: userId }: Input, { role }: Before): Undo {
  const former = teamRole.safeParse(role);
  if (!former.success) return { possible: false, because: 'The former role is not one that can be asked for.' };
  return {
    possible: true,
    tool: 'add_team_member',
    input: { team_id: teamId, member_data: { user_id: userId, role: former.data } },
    complete: true,
    note: 'Puts the person back with the former role.',
  };
}

export const removeTeamMember = defineWriteTool<Input, Before, MembershipNow>({
  name: 'remove_team_member',
  title: 'Take a user off a team',
  description: 'Take a user off a team. PagerDuty refuses while an escalation policy of the team names the user.',
  version: 1,
  toolset: 'teams',
  source: {
    operationId: 'deleteTeamUser',
    method: 'DELETE',
    path: '/teams/{id}/users/{user_id}',
    scope: 'teams.write',
  },
  reads: [
    'teams.read',
    'users.read',
    'escalation_policies.read',
    'schedules.read',
    'oncalls.read',
    'incidents.read',
    TRAIL_SCOPE,
  ],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: { team_id: 'PTCOMRC', user_id: 'PULENA1' },

  read,
  watched: (_request, facts) => watched(facts),
  admit: (_request, facts) => admit(facts),
  risk: (_request, facts) => strictest(risks(facts)),
  touches: ({ team_id: teamId }) => ({ subjects: [`team:${teamId}`], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize: (_request, facts) => summarize(facts),
  call: ({ team_id: teamId, user_id: userId }) => ({ method: 'DELETE', path: memberPath(teamId, userId), body: null }),
  alsoHolds: nothingElse,
  interpret({ team_id: teamId, user_id: userId }, body) {
    if (body !== null) throw new TypeError('A removal is answered without a body.');
    return { applied: true, result: { team_id: teamId, user_id: userId }, secrets: [] };
  },
  readBack: (pagerduty, { team_id: teamId, user_id: userId }, attempt) =>
    readMembership(pagerduty, { teamId, userId }, attempt),
  verify,
  undo,
});
