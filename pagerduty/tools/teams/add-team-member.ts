import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { defineWriteTool, type Evidence, type Undo, type Verdict, type Watched } from '../../write-tool.ts';
import { absence, presence, TRAIL_SCOPE } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { named } from '../facts/people.ts';
import { id, jsonText, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { counted } from '../words/wording.ts';
import { baseRoleWords, type MembershipNow, personFacts, readMembership, readPerson } from './roles.ts';
import { onCallWords, readStanding, standingFacts, standingRisks } from './standing.ts';
import { memberPath, names, readMembers, readOwned, readTeam, teamFacts, teamRole } from './teams.ts';

const input = toolInput({
  team_id: id('team'),
  member_data: jsonText(
    z.strictObject({
      user_id: id('user'),
      role: teamRole.describe('Replaces the role the user has. manager may change everything of the team.'),
    }),
  ),
});
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  team: teamFacts,
  person: personFacts,
  /** The role in the team; null = no member. */
  role: z.string().nullable(),
  /** What belongs to the team, so what the role is about. */
  services: z.array(named),
  policies: z.array(named),
  /** Only read when the role is lowered. */
  standing: standingFacts.nullable(),
});
type Before = z.infer<typeof before>;

const roleOf = ({ member_data: { role } }: Input) => role;

const RANK: Record<string, number> = { observer: 1, responder: 2, manager: 3 };

/** Whether rights are taken away. Nobody knows what a role that is new to us allows, so it counts as more. */
function lowers(role: string | null, asked: string): boolean {
  return role !== null && (RANK[role] ?? Number.POSITIVE_INFINITY) > (RANK[asked] ?? 0);
}

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const { team_id: teamId, member_data: member } = request;
  const [team, person, members, services, policies] = await Promise.all([
    readTeam(pagerduty, teamId),
    readPerson(pagerduty, member.user_id),
    readMembers(pagerduty, teamId),
    readOwned(pagerduty, 'services', teamId),
    readOwned(pagerduty, 'escalation_policies', teamId),
  ]);
  const role = members.find((one) => one.id === member.user_id)?.role ?? null;
  const standing = lowers(role, roleOf(request)) ? await readStanding(pagerduty, teamId, member.user_id) : null;
  return { readAt: new Date().toISOString(), team, person, role, services, policies, standing };
}

function admit(request: Input, { team, person, role }: Before): Verdict {
  if (role === roleOf(request)) return no(`${person.name} is ${role} of the team "${team.name}" already.`);
  if (person.baseRole === 'read_only_user') {
    return no(`${person.name} has the base role Full Stakeholder, with which PagerDuty lets nobody into a team.`);
  }
  return yes;
}

function watched({ team, person, role, policies }: Before): Watched[] {
  return [
    { key: 'team', subject: 'The name of the team', value: team.exactName, words: `"${team.name}"` },
    {
      key: 'role',
      subject: `The role of ${person.name} in the team "${team.name}"`,
      value: role,
      words: role === null ? '"none"' : `"${role}"`,
    },
    {
      key: 'baseRole',
      subject: `The base role of ${person.name}`,
      value: person.baseRole,
      words: `"${baseRoleWords(person)}"`,
    },
    {
      key: 'policies',
      subject: `The list of escalation policies of the team "${team.name}"`,
      value: policies.map((one) => one.id).sort(),
      words: `"${names(policies) || 'none'}"`,
    },
  ];
}

function risks(request: Input, { team, person, role, policies, standing }: Before): Risk[] {
  const asked = roleOf(request);
  const found: Risk[] = [];
  if (lowers(role, asked)) {
    const reason = `Takes away what the role of ${role} in the team "${team.name}" allows.`;
    found.push({ level: 'high', reason }, ...(standing === null ? [] : standingRisks(person, standing)));
  }
  if (asked === 'observer' && role === null) {
    found.push({ level: 'medium', reason: 'Lets somebody see what belongs to the team.' });
  }
  if (asked === 'responder' && !lowers(role, asked)) {
    found.push({ level: 'high', reason: 'Lets somebody act on the incidents of the team.' });
  }
  if (asked === 'manager') {
    found.push({ level: 'high', reason: 'A manager may change everything that belongs to the team, and its members.' });
  }
  // With that right nobody would be asked any more before the policy is rewritten.
  if (asked === 'manager' && policies.length > 0) {
    const reach = counted(policies.length, 'escalation policy', 'escalation policies');
    found.push({ level: 'critical', reason: `A manager may change who is paged by ${reach}.` });
  }
  return found;
}

const ALLOWED: Record<z.infer<typeof teamRole>, string> = {
  observer: 'see what belongs to the team',
  responder: 'act on the incidents of the team and make overrides on its schedules',
  manager: 'act on its incidents, change its services, escalation policies and schedules, and add or remove members',
};

function effect(request: Input, facts: Before): string[] {
  const { person, role, standing } = facts;
  const left = `what the role of ${roleOf(request)} and the base role allow`;
  const owned = [
    counted(facts.services.length, 'service'),
    counted(facts.policies.length, 'escalation policy', 'escalation policies'),
  ];
  return [
    `As ${roleOf(request)} of the team ${person.name} may ${ALLOWED[roleOf(request)]}.`,
    ...(role === null ? [] : [`The present role, ${role}, is overwritten.`]),
    `To the team belong ${owned.join(' and ')}. The base role of ${person.name} is ${baseRoleWords(person)}.`,
    'Nobody starts or stops being paged.',
    ...(standing === null ? [] : [onCallWords(person, standing, left)]),
    ...(standing === null || standing.assigned.length === 0
      ? []
      : [`Stays assigned to open incidents of the team: ${names(standing.assigned)}.`]),
  ];
}

function verify(request: Input, { team, role, trail }: MembershipNow): Evidence {
  if (team === null) return { applied: null, because: 'The team is gone, so it cannot be told. A human must look.' };
  if (role === roleOf(request)) {
    const result = { team_id: request.team_id, user_id: request.member_data.user_id, role };
    return presence(trail, 'The person has that role in the team.', result);
  }
  const seen = role === null ? 'The person is no member of the team.' : `The role in the team is ${role}.`;
  return absence(trail, seen);
}

function undo({ team_id: teamId, member_data: { user_id: userId } }: Input, { role }: Before): Undo {
  if (role === null) {
    const note = 'Takes the person off the team again; what was done with the role meanwhile stays.';
    const input = { team_id: teamId, user_id: userId };
    return { possible: true, tool: 'remove_team_member', input, complete: true, note };
  }
  const former = teamRole.safeParse(role);
  if (!former.success) {
    return { possible: false, because: 'The former role is not one that can be asked for.' };
  }
  return {
    possible: true,
    tool: 'add_team_member',
    input: { team_id: teamId, member_data: { user_id: userId, role: former.data } },
    complete: true,
    note: 'Gives the former role back; what was done with the new one meanwhile stays.',
  };
}

export const addTeamMember = defineWriteTool<Input, Before, MembershipNow>({
  name: 'add_team_member',
  title: 'Put a user on a team',
  description: 'Put a user on a team with a role, or change the role of a member.',
  version: 1,
  toolset: 'teams',
  source: {
    operationId: 'updateTeamUser',
    method: 'PUT',
    path: '/teams/{id}/users/{user_id}',
    scope: 'teams.write',
  },
  reads: [
    'teams.read',
    'users.read',
    'services.read',
    'escalation_policies.read',
    'oncalls.read',
    'incidents.read',
    TRAIL_SCOPE,
  ],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: { team_id: 'PTDATA1', member_data: { user_id: 'PULENA1', role: 'responder' } },

  read,
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: ({ team_id: teamId }) => ({ subjects: [`team:${teamId}`], escalationPolicyIds: [] }),
  supersedes: ({ team_id: teamId, member_data: { user_id: userId } }) => `add_team_member ${teamId} ${userId}`,
  summarize: (request, facts) => ({
    title:
      facts.role === null
        ? `Add ${facts.person.name} to the team "${facts.team.name}" as ${roleOf(request)}`
        : `Change the role of ${facts.person.name} in the team "${facts.team.name}" to ${roleOf(request)}`,
    target: facts.team.name,
    services: facts.services.map(({ name }) => name),
    lines: [
      { label: `Role of ${facts.person.name} in the team`, now: facts.role ?? 'no member', after: roleOf(request) },
    ],
    effect: { known: facts.standing?.onCall !== null, lines: effect(request, facts) },
  }),
  call: ({ team_id: teamId, member_data: { user_id: userId, role } }) => ({
    method: 'PUT',
    path: memberPath(teamId, userId),
    body: { role },
  }),
  alsoHolds: nothingElse,
  interpret({ team_id: teamId, member_data: { user_id: userId, role } }, body) {
    if (body !== null) throw new TypeError('PagerDuty answers this without a body.');
    return { applied: true, result: { team_id: teamId, user_id: userId, role }, secrets: [] };
  },
  readBack: (pagerduty, { team_id: teamId, member_data: { user_id: userId } }, attempt) =>
    readMembership(pagerduty, { teamId, userId }, attempt),
  verify,
  undo,
});
