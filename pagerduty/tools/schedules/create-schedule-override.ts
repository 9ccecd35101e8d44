import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import { escalationPolicyAnswer, override, overridesAnswer, scheduleAnswer } from '../../schemas.ts';
import { type Answer, defineWriteTool, type Evidence, type Verdict, type Watched } from '../../write-tool.ts';
import { absence, presence, readTrail, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { type Named, named, namedFrom, readUser } from '../facts/people.ts';
import { isShiftBasedRefusal } from '../facts/schedules.ts';
import { id, instant, jsonText, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { clock, counted, duration, listed, oneLine } from '../words/wording.ts';

const DAY_MS = 86_400_000;

const overrideAsked = z
  .strictObject({ start: instant.describe('Start.'), end: instant.describe('End.'), user_id: id('user') })
  .refine(({ start, end }) => Date.parse(start) < Date.parse(end), 'The override must end after it starts.');

const overrides = z
  .array(overrideAsked)
  .min(1)
  .max(
    1,
    'One override per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.',
  );

const input = toolInput({
  schedule_id: id('schedule'),
  override_request: jsonText(
    z.strictObject({ overrides: jsonText(overrides).describe('Exactly one override.') }),
  ).describe('The override to create.'),
});
type Input = z.infer<typeof input>;

const shift = z.object({ user: named, start: z.string(), end: z.string() });

const before = z.object({
  readAt: z.string(),
  schedule: named.extend({ timeZone: z.string().nullable() }),
  user: named,
  /** Who is on call in the window without the override, clipped to the window. */
  shifts: z.array(shift),
  overrides: z.array(shift),
  policies: z.array(named),
  services: z.array(named),
});
type Before = z.infer<typeof before>;

interface After {
  overrides: z.infer<typeof override>[];
  trail: Trail;
}

/** The one override that was asked for; the schema lets through exactly one. */
function wanted({ override_request: { overrides: list } }: Input): z.infer<typeof overrideAsked> {
  const [only] = list;
  if (only === undefined) throw new TypeError('The input has no override.');
  return only;
}

const sameInstant = (a: string, b: string, toleranceMs = 0) => Math.abs(Date.parse(a) - Date.parse(b)) <= toleranceMs;

/** The part of a shift that lies in the window, in UTC; null when they do not touch. */
function clipped(entry: z.infer<typeof override>, window: { start: string; end: string }) {
  const start = Math.max(Date.parse(entry.start), Date.parse(window.start));
  const end = Math.min(Date.parse(entry.end), Date.parse(window.end));
  if (!(start < end) || !entry.user) return null;
  return { user: namedFrom(entry.user), start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}

async function readSchedule(pagerduty: ReadClient, scheduleId: string, window: { start: string; end: string }) {
  const path = `/schedules/${encodeURIComponent(scheduleId)}`;
  const range = { since: window.start, until: window.end };
  try {
    return await Promise.all([
      pagerduty.get(path, scheduleAnswer, range),
      pagerduty.get(`${path}/overrides`, overridesAnswer, range),
    ]);
  } catch (error) {
    if (!isShiftBasedRefusal(error)) throw error;
    const because = 'This schedule is shift-based; create_schedule_override works on layer-based schedules only.';
    throw new PagerDutyError('invalid', because, { status: 400, cause: error });
  }
}

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const asked = wanted(request);
  const [[{ schedule }, existing], user] = await Promise.all([
    readSchedule(pagerduty, request.schedule_id, asked),
    readUser(pagerduty, asked.user_id),
  ]);
  const policies = (schedule.escalation_policies ?? []).map(namedFrom);
  const details = await Promise.all(
    policies.map(({ id: policyId }) =>
      pagerduty.get(`/escalation_policies/${encodeURIComponent(policyId)}`, escalationPolicyAnswer),
    ),
  );
  const services = details.flatMap(({ escalation_policy: policy }) => (policy.services ?? []).map(namedFrom));
  const inWindow = (entries: z.infer<typeof override>[]) =>
    entries.map((entry) => clipped(entry, asked)).filter((entry) => entry !== null);
  return {
    readAt: new Date().toISOString(),
    schedule: { ...namedFrom(schedule), timeZone: schedule.time_zone ?? null },
    user,
    shifts: inWindow(schedule.final_schedule?.rendered_schedule_entries ?? []),
    overrides: inWindow(existing.overrides),
    policies,
    services: [...new Map(services.map((one) => [one.id, one])).values()],
  };
}

const who = (shifts: Before['shifts']) =>
  listed([...new Map(shifts.map(({ user }) => [user.id, user.name])).values()]) || 'nobody';

function watched({ schedule, shifts, overrides: existing, policies }: Before): Watched[] {
  const subject = (part: string) => `${part} of the schedule "${schedule.name}"`;
  const times = (list: Before['shifts']) => list.map(({ user, start, end }) => `${user.id} ${start} ${end}`).sort();
  const said = (list: Before['shifts']) =>
    list.map(({ user, start, end }) => `${user.name} ${clock(start)} to ${clock(end)}`).join(', ') || 'nobody';
  return [
    { key: 'shifts', subject: subject('The shift in the window'), value: times(shifts), words: said(shifts) },
    { key: 'overrides', subject: subject('The override in the window'), value: times(existing), words: said(existing) },
    {
      key: 'policies',
      subject: subject('The escalation policy'),
      value: policies.map(({ id: policyId }) => policyId).sort(),
      words: listed(policies.map(({ name }) => `"${name}"`)) || 'none',
    },
  ];
}

function admit(request: Input, { readAt, user, overrides: existing, schedule }: Before): Verdict {
  const { start, end } = wanted(request);
  if (Date.parse(end) <= Date.parse(readAt))
    return no(`The window ended already, at ${clock(end, schedule.timeZone)}.`);
  const same = existing.some(
    (one) => one.user.id === user.id && sameInstant(one.start, start) && sameInstant(one.end, end),
  );
  return same ? no(`${user.name} already has exactly this override on "${schedule.name}".`) : yes;
}

function risks(request: Input, { readAt }: Before): Risk[] {
  const { start, end } = wanted(request);
  const found: Risk[] = [{ level: 'high', reason: 'Changes who is paged in the window.' }];
  if (Date.parse(start) <= Date.parse(readAt)) found.push({ level: 'high', reason: 'Takes effect at once.' });
  if (Date.parse(end) - Date.parse(start) > 14 * DAY_MS) {
    found.push({ level: 'high', reason: 'Lasts longer than two weeks.' });
  }
  return found;
}

function effect(request: Input, { readAt, user, shifts, schedule, policies, services }: Before) {
  const { start, end } = wanted(request);
  const [from, until, shown] = [Date.parse(start), Date.parse(end), Date.parse(readAt)];
  const others: Named[] = shifts.map((one) => one.user).filter((one) => one.id !== user.id);
  const stops = listed([...new Map(others.map((one) => [one.id, one.name])).values()]);
  const window = `from ${clock(start, schedule.timeZone)} to ${clock(end, schedule.timeZone)}`;
  const when =
    from <= shown
      ? `Starts at once; of its ${duration(until - from)}, ${duration(until - shown)} are left.`
      : `Starts in ${duration(from - shown)} and lasts ${duration(until - from)}.`;
  const behind = `${counted(policies.length, 'escalation policy', 'escalation policies')}`;
  return {
    known: true,
    lines: [
      `Starts being paged: ${user.name}, ${window}.`,
      stops === '' ? 'Nobody stops being paged.' : `Stops being paged in that window: ${stops}.`,
      when,
      policies.length === 0
        ? 'No escalation policy uses this schedule: nobody is paged through it.'
        : `Reaches ${behind} (${listed(policies.map(({ name }) => name))}) and ${counted(services.length, 'service')}.`,
    ],
  };
}

const overrideAnswer = z.tuple([
  z.object({ status: z.number(), errors: z.unknown().optional(), override: override.nullish() }),
]);

/** @throws Error when the answer is neither one override as asked nor one refusal. */
function interpret(request: Input, body: unknown): Answer {
  const [{ status, errors, override: made }] = overrideAnswer.parse(body);
  if (status >= 400 && status < 500) {
    const said = z.array(z.string()).safeParse(errors);
    const why = said.success && said.data.length > 0 ? `: ${oneLine(said.data.join('; '), 300)}` : '';
    return { applied: false, because: `PagerDuty answered 201, but refused the override inside${why}.` };
  }
  const { end, user_id: userId } = wanted(request);
  const asAsked = made?.id && made.user?.id === userId && sameInstant(made.end, end, 1_000);
  if (status < 200 || status >= 300 || !asAsked) throw new TypeError('The answer shows another override.');
  return { applied: true, result: { override_id: made.id ?? null }, secrets: [] };
}

function verify(request: Input, { overrides: existing, trail }: After): Evidence {
  const { start, end, user_id: userId } = wanted(request);
  const own = existing.filter(({ user }) => user?.id === userId);
  if (own.some((one) => sameInstant(one.start, start, 1_000) && sameInstant(one.end, end, 1_000))) {
    return presence(trail, 'The schedule has an override with this start, end and user.', null);
  }
  // PagerDuty moves a start in the past to the time of the call, so an equal end alone proves nothing.
  const other = own.some((one) => sameInstant(one.end, end, 1_000))
    ? 'The schedule has an override of this user with the same end, but another start.'
    : 'The schedule has no such override.';
  return absence(trail, other);
}

export const createScheduleOverride = defineWriteTool<Input, Before, After>({
  name: 'create_schedule_override',
  title: 'Override a schedule',
  description: 'Put a user on call on a layer-based schedule for a while, instead of whoever the schedule names.',
  version: 1,
  toolset: 'schedules',
  source: {
    operationId: 'createScheduleOverride',
    method: 'POST',
    path: '/schedules/{id}/overrides',
    scope: 'schedules.write',
  },
  reads: ['escalation_policies.read', 'schedules.read', 'users.read', 'audit_records.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    schedule_id: 'PDCHKP1',
    override_request: {
      overrides: [{ start: '2099-01-05T18:00:00Z', end: '2099-01-06T06:00:00Z', user_id: 'PULENA1' }],
    },
  },

  read,
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: ({ schedule_id: scheduleId }, { policies }) => ({
    subjects: [`schedule:${scheduleId}`],
    escalationPolicyIds: policies.map(({ id: policyId }) => policyId).sort(),
  }),
  supersedes: () => null,
  summarize(request, facts) {
    const { start, end } = wanted(request);
    const { schedule, user, shifts, services } = facts;
    const length = duration(Date.parse(end) - Date.parse(start));
    return {
      title: `Put ${user.name} on call on "${schedule.name}" for ${length}`,
      target: schedule.name,
      services: services.map(({ name }) => name),
      lines: [
        { label: 'On call', now: who(shifts), after: user.name },
        { label: 'From', now: null, after: clock(start, schedule.timeZone) },
        { label: 'Until', now: null, after: clock(end, schedule.timeZone) },
      ],
      effect: effect(request, facts),
    };
  },
  call(request) {
    const { start, end, user_id: userId } = wanted(request);
    return {
      method: 'POST',
      path: `/schedules/${encodeURIComponent(request.schedule_id)}/overrides`,
      body: { overrides: [{ start, end, user: { id: userId, type: 'user_reference' } }] },
    };
  },
  alsoHolds: nothingElse,
  interpret,
  async readBack(pagerduty, request, attempt) {
    const { start, end } = wanted(request);
    const path = `/schedules/${encodeURIComponent(request.schedule_id)}/overrides`;
    const [existing, trail] = await Promise.all([
      pagerduty.get(path, overridesAnswer, { since: start, until: end }),
      readTrail(pagerduty, 'schedules', request.schedule_id, attempt),
    ]);
    return { overrides: existing.overrides, trail };
  },
  verify,
  undo: () => ({
    possible: false,
    because:
      'There is no tool that deletes overrides; delete it on the schedule in PagerDuty (one that runs is cut short).',
  }),
});
