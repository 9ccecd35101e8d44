import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import type { Summary, SummaryLine, Verdict, Watched } from '../../write-tool.ts';
import { no, yes } from '../evidence/watching.ts';
import { named } from '../facts/people.ts';
import { clock, counted, listed } from '../words/wording.ts';
import { reachWords, watchedSchedule } from './coverage.ts';
import { userIdOf } from './members.ts';
import { type EventAsked, type EventChange, type Field, planAfter } from './plans.ts';
import { memberWords, type Plan, repeatWords, sinceWords, timesWords, untilWords } from './recurrence.ts';
import {
  type EventFacts,
  type OnCallShift,
  type RotationFacts,
  readPeople,
  readShiftSchedule,
  type ShiftScheduleFacts,
  shiftScheduleFacts,
  windowFrom,
} from './shifts.ts';

// What tools that change rotations and their recurring shifts have in common.

/** The snapshot of every tool that changes a recurring shift. */
export const onPlan = z.object({
  readAt: z.string(),
  schedule: shiftScheduleFacts,
  /** People who are named in what is asked. */
  people: z.array(named),
  /** Ids in what is asked that belong to nobody. */
  unknownPeople: z.array(z.string()),
});
export type OnPlan = z.infer<typeof onPlan>;

/** Reads the schedule from that moment on, and the people who are named. */
export async function readOnPlan(
  pagerduty: ReadClient,
  scheduleId: string,
  change: EventChange,
  from: (readAt: string) => Promise<string> | string,
): Promise<OnPlan> {
  const readAt = new Date().toISOString();
  const userIds = change.assignment_strategy?.members.map(userIdOf) ?? [];
  const since = await from(readAt);
  const [schedule, { found, missing }] = await Promise.all([
    readShiftSchedule(pagerduty, scheduleId, windowFrom(since > readAt ? since : readAt)),
    readPeople(pagerduty, userIds),
  ]);
  return { readAt, schedule, people: found, unknownPeople: missing };
}

export const rotationOf = ({ rotations }: ShiftScheduleFacts, wanted: string): RotationFacts | undefined =>
  rotations.find((one) => one.id === wanted);

const NOTHING: Plan = {
  name: '',
  start: '',
  end: '',
  timeZone: null,
  endTimeZone: null,
  effectiveSince: '',
  effectiveUntil: null,
  recurrence: [],
  strategy: '',
  shiftsPerMember: null,
  members: [],
};

/** A new recurring shift, as it is asked for. */
export const newPlan = (asked: EventAsked, { people }: OnPlan): Plan => planAfter(NOTHING, asked, people);

const LABELS: Record<Field, [label: string, words: (plan: Plan) => string]> = {
  name: ['Name', ({ name }) => name],
  assignment_strategy: ['On call', memberWords],
  start_time: ['First shift', timesWords],
  end_time: ['First shift', timesWords],
  recurrence: ['Repeats', repeatWords],
  effective_since: ['In force from', sinceWords],
  effective_until: ['In force until', untilWords],
};
const EVERY_FIELD: Field[] = [
  'name',
  'assignment_strategy',
  'start_time',
  'recurrence',
  'effective_since',
  'effective_until',
];

/** One line per field that changes; all of them for a new shift. A start in the past is what is sent, and is said. */
export function planLines(now: Plan | null, after: Plan, readAt: string, fields: Field[] = EVERY_FIELD): SummaryLine[] {
  const lines = fields.map((field) => {
    const [label, words] = LABELS[field];
    const past = field === 'effective_since' && Date.parse(after.effectiveSince) <= Date.parse(readAt);
    return { label, now: now && words(now), after: `${words(after)}${past ? ', which is past: at once' : ''}` };
  });
  return lines.filter(({ label }, index) => lines.findIndex((one) => one.label === label) === index);
}

/** As PagerDuty takes it: a shift that is to be in force from the past on is in force from now on. */
export const inForce = (plan: Plan, readAt: string): Plan =>
  Date.parse(plan.effectiveSince) < Date.parse(readAt) ? { ...plan, effectiveSince: readAt } : plan;

/** Refuses what PagerDuty would refuse: people it does not know, times that make no sense, overlap in one rotation. */
export function checkPlan(plan: Plan, facts: OnPlan, others: EventFacts[]): Verdict {
  const { unknownPeople, readAt } = facts;
  if (unknownPeople.length > 0) return no(`PagerDuty knows no user with the id ${listed(unknownPeople)}.`);
  if (!(Date.parse(plan.start) < Date.parse(plan.end))) return no('The first shift must end after it starts.');
  const until = plan.effectiveUntil === null ? Number.POSITIVE_INFINITY : Date.parse(plan.effectiveUntil);
  if (until <= Date.parse(plan.effectiveSince)) return no('It would end before it is in force.');
  if (until <= Date.parse(readAt)) return no(`It would have ended already, at ${untilWords(plan)}.`);
  const other = others.find((one) => {
    const to = one.effectiveUntil === null ? Number.POSITIVE_INFINITY : Date.parse(one.effectiveUntil);
    return Date.parse(plan.effectiveSince) < to && until > Date.parse(one.effectiveSince);
  });
  if (other === undefined) return yes;
  const range = `from ${clock(other.effectiveSince, other.timeZone)}, ${other.effectiveUntil === null ? 'without end' : `until ${untilWords(other)}`}`;
  return no(
    `It overlaps with "${other.name}", which is in force ${range}; a rotation has one recurring shift at a time.`,
  );
}

/** Takes one recurring shift out of who is on call: in its rotation nothing else is in force at the same time. */
export function withoutEvent(shifts: OnCallShift[], rotation: string, { effectiveSince, effectiveUntil }: EventFacts) {
  const [from, to] = [Date.parse(effectiveSince), effectiveUntil === null ? null : Date.parse(effectiveUntil)];
  return shifts.filter(({ rotationId: own, start }) => {
    const at = Date.parse(start);
    return own !== rotation || at < from || (to !== null && at >= to);
  });
}

export type Phase = 'past' | 'running' | 'future';

/** PagerDuty lets everything change before a recurring shift is in force, its end while it is, and nothing after. */
export function phaseAt(
  { effectiveSince, effectiveUntil }: Pick<Plan, 'effectiveSince' | 'effectiveUntil'>,
  at: string,
): Phase {
  if (effectiveUntil !== null && Date.parse(effectiveUntil) <= Date.parse(at)) return 'past';
  return Date.parse(effectiveSince) <= Date.parse(at) ? 'running' : 'future';
}

/** `2 rotations with 3 recurring shifts` */
export function sizeWords({ rotations }: ShiftScheduleFacts): string {
  const events = rotations.reduce((sum, one) => sum + one.events.length, 0);
  return `${counted(rotations.length, 'rotation')} with ${counted(events, 'recurring shift')}`;
}

export interface EventPlace {
  rotation_id: string;
  event_id: string;
}

export const eventOf = ({ schedule }: OnPlan, { rotation_id: rotation, event_id: wanted }: EventPlace) =>
  rotationOf(schedule, rotation)?.events.find((one) => one.id === wanted);

/** The recurring shift as it is; `admit` refuses where it is not there, so that nothing is ever made of it. */
export function eventIn(facts: OnPlan, place: EventPlace): EventFacts {
  const event = eventOf(facts, place);
  if (event === undefined) throw new TypeError('The snapshot does not have the recurring shift.');
  return event;
}

export const noSuchEvent = ({ schedule }: OnPlan, { event_id: wanted }: EventPlace): Verdict =>
  no(`That rotation of "${schedule.name}" has no recurring shift with the id ${wanted}.`);

/** The schedule, and whether the shift is in force: on that depends what PagerDuty lets change, and who is relieved. */
export function watchedPlace(place: EventPlace, facts: OnPlan): Watched[] {
  const event = eventOf(facts, place);
  const phase = event ? phaseAt(event, facts.readAt) : 'gone';
  const words = { past: 'over', running: 'in force', future: 'not in force yet', gone: 'not there' }[phase];
  return [
    ...watchedSchedule(facts.schedule),
    { key: 'phase', subject: `The recurring shift "${event?.name ?? place.event_id}"`, value: phase, words },
  ];
}

/** What a card that is read again says when the shift has vanished meanwhile. */
export const goneSummary = (verb: string, { schedule }: OnPlan, { event_id: wanted }: EventPlace): Summary => ({
  title: `${verb} a recurring shift of the schedule "${schedule.name}"`,
  target: schedule.name,
  services: schedule.services.map(({ name }) => name),
  lines: [{ label: 'Recurring shift', now: 'no longer there', after: wanted }],
  effect: { known: false, lines: ['The recurring shift is no longer there.', reachWords(schedule)] },
});
