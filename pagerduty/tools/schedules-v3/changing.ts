import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import type { Verdict } from '../../write-tool.ts';
import { absence, presence, readTrail, type Trail } from '../evidence/trail.ts';
import { no } from '../evidence/watching.ts';
import { type MemberAsked, memberFactsFrom, userIdOf } from './members.ts';
import { type MemberFacts, type OnCallShift, readPeople, readShiftSchedule } from './shifts.ts';
import {
  covering,
  endedWords,
  type FactsOf,
  type HeldOf,
  heldIn,
  holding,
  idIn,
  nounOf,
  type PlaceOf,
  partPath,
  readPart,
  resultOf,
  type Saying,
  type Shared,
  type SpanKind,
  type SpanPart,
  spanLines,
  spanOf,
  timesOf,
  watchedHeld,
} from './spans.ts';
import { afterwards, checkSpan, phaseOf, sameInstant, timing, windowAround } from './windows.ts';

/** What of it is to change; undefined stays as it is. */
interface Change {
  start: string | undefined;
  end: string | undefined;
  member: MemberAsked | undefined;
}

/** The snapshot: also who is to take it, null when that does not change, and false when PagerDuty knows nobody such. */
type ToChange<Kind extends SpanKind> = HeldOf<Kind> & Record<Kind['taker'], MemberFacts | null> & { known: boolean };

interface After<Kind extends SpanKind> {
  /** Null = the part or its schedule is gone. */
  item: Kind['item'] | null;
  trail: Trail;
}

interface Own<Kind extends SpanKind, Input> {
  asked(request: Input): Change;
  /** Who is to take it, as PagerDuty takes that. */
  body(member: MemberFacts): JsonObject;
  /** Arguments with these former times, and with who had it, null when that did not change. */
  again(times: JsonObject, member: MemberFacts | null): JsonObject;
  /** What PagerDuty does not let change. */
  allows(request: Input, facts: ToChange<Kind>): Verdict;
  /** Whether it is known what becomes of all that hangs on it. */
  foreseen(facts: HeldOf<Kind>): boolean;
  /** `the custom shift of Kenji Sato` */
  words(part: FactsOf<Kind>): string;
  /** Of the line that says who takes it. */
  label(part: FactsOf<Kind>): string;
  note: string;
}

const takerIn = <Kind extends SpanKind>(
  { taker }: SpanPart<Kind>,
  facts: Record<Kind['taker'], MemberFacts | null>,
): MemberFacts | null => facts[taker];

/** The part as it will be. */
function changed<Kind extends SpanKind>(kind: SpanPart<Kind>, { start, end }: Change, facts: ToChange<Kind>) {
  const part = heldIn(kind, facts);
  const member: MemberFacts = takerIn(kind, facts) ?? part[kind.taker];
  return { ...part, start: start ?? part.start, end: end ?? part.end, [kind.taker]: member };
}

async function readToChange<Kind extends SpanKind>(
  kind: SpanPart<Kind>,
  { start, end, member }: Change,
  pagerduty: ReadClient,
  place: PlaceOf<Kind>,
): Promise<ToChange<Kind>> {
  const item = await readPart(kind, pagerduty, place);
  const now = spanOf(item);
  const window = windowAround(now, { start: start ?? now.start, end: end ?? now.end });
  const [schedule, people] = await Promise.all([
    readShiftSchedule(pagerduty, place.schedule_id, window),
    readPeople(pagerduty, [...kind.people(item), member && userIdOf(member)]),
  ]);
  return {
    readAt: new Date().toISOString(),
    schedule,
    ...holding(kind.part, kind.facts(item, people.found)),
    ...holding(kind.taker, member === undefined ? null : memberFactsFrom(member, people.found)),
    known: member === undefined || !people.missing.includes(member.user_id ?? ''),
  };
}

/** Whether it has every value that is asked for. */
function has<Kind extends SpanKind>(
  kind: SpanPart<Kind>,
  { start, end, member }: Change,
  part: FactsOf<Kind>,
): boolean {
  return (
    (start === undefined || sameInstant(part.start, start, 1_000)) &&
    (end === undefined || sameInstant(part.end, end, 1_000)) &&
    (member === undefined || part[kind.taker].userId === userIdOf(member))
  );
}

function says<Kind extends SpanKind, Input>(
  kind: SpanPart<Kind>,
  own: Own<Kind, Input>,
  change: Change,
  facts: ToChange<Kind>,
): Saying {
  const { readAt, schedule } = facts;
  const part = heldIn(kind, facts);
  const taker = takerIn(kind, facts);
  const taken = taker && { label: own.label(part), now: part[kind.taker].name, after: taker.name };
  return {
    title: `Change ${own.words(part)} on "${schedule.name}"`,
    lines: [...(taken ? [taken] : []), ...spanLines(part, change, schedule.timeZone)],
    timing: timing(changed(kind, change, facts), readAt, phaseOf(part, readAt) === 'is running'),
    notes: [],
  };
}

function admitted<Kind extends SpanKind, Input>(
  kind: SpanPart<Kind>,
  own: Own<Kind, Input>,
  request: Input,
  facts: ToChange<Kind>,
): Verdict {
  const change = own.asked(request);
  const part = heldIn(kind, facts);
  if (!facts.known) return no(`PagerDuty has no user with the id ${change.member?.user_id}.`);
  if (phaseOf(part, facts.readAt) === 'is over') return no(`${endedWords(kind, facts)}.`);
  const allowed = own.allows(request, facts);
  if (!allowed.holds) return allowed;
  if (has(kind, change, part)) return no(`The ${nounOf(kind)} is like that already.`);
  return checkSpan(changed(kind, change, facts), facts);
}

/** All that changing one is, but for the words and for what PagerDuty allows. */
export function changing<Kind extends SpanKind, Input extends PlaceOf<Kind>>(
  kind: SpanPart<Kind>,
  own: Own<Kind, Input>,
): Shared<Input, ToChange<Kind>, After<Kind>> {
  const then = (request: Input, facts: ToChange<Kind>) => changed(kind, own.asked(request), facts);
  const isAsAsked = (request: Input, item: Kind['item']) => has(kind, own.asked(request), kind.facts(item, []));
  const body = (request: Input): JsonObject => {
    const { member, ...times } = own.asked(request);
    return { ...timesOf(times), ...(member === undefined ? {} : own.body(memberFactsFrom(member, []))) };
  };
  const admit = (request: Input, facts: ToChange<Kind>) => admitted(kind, own, request, facts);
  function after(request: Input, facts: ToChange<Kind>): OnCallShift[] | null {
    if (!own.foreseen(facts)) return null;
    return afterwards(facts, (shifts) => {
      const rest = kind.without(shifts, heldIn(kind, facts));
      return rest && kind.with(rest, then(request, facts));
    });
  }
  return {
    ...covering<Input, ToChange<Kind>>({
      span: then,
      after,
      risk: () => ({ level: 'high', reason: 'Changes who is paged in the window.' }),
      says: (request, facts) => says(kind, own, own.asked(request), facts),
    }),
    annotations: { destructiveHint: true, idempotentHint: true },
    read: (pagerduty, request) => readToChange(kind, own.asked(request), pagerduty, request),
    watched: (_request, facts) => watchedHeld(kind, facts),
    admit,
    supersedes: (request) =>
      `update_schedule_v3_${kind.word} ${Object.keys(body(request)).sort().join('+')} ${idIn(kind, request)}`,
    call: (request) => ({ method: 'PUT', path: partPath(kind, request), body: { [kind.word]: body(request) } }),
    alsoHolds: (request, _facts, now) => admit(request, now),
    interpret(request, answer) {
      const item = kind.answer.parse(answer)[kind.word];
      const isOwn = item.id === idIn(kind, request) && isAsAsked(request, item);
      if (!isOwn) throw new TypeError(`The answer shows another ${nounOf(kind)}.`);
      return { applied: true, result: resultOf(kind, request, item.id), secrets: [] };
    },
    async readBack(pagerduty, request, attempt) {
      const [item, trail] = await Promise.all([
        orGone(readPart(kind, pagerduty, request)),
        readTrail(pagerduty, 'v3/schedules', request.schedule_id, attempt),
      ]);
      return { item, trail };
    },
    verify(request, { item, trail }) {
      const noun = nounOf(kind);
      if (item === null) return { applied: null, because: `The ${noun} is no longer there. A human must look.` };
      if (!isAsAsked(request, item)) return absence(trail, `The ${noun} does not have every value that was asked for.`);
      const seen = `The ${noun} has every value that was asked for.`;
      return presence(trail, seen, resultOf(kind, request, item.id));
    },
    undo(request, facts) {
      const { start, end, member } = own.asked(request);
      const part = heldIn(kind, facts);
      const times = timesOf({ start: start && part.start, end: end && part.end });
      const back = own.again(times, member ? part[kind.taker] : null);
      return {
        possible: true,
        tool: `update_schedule_v3_${kind.word}`,
        input: { ...resultOf(kind, request, idIn(kind, request)), ...back },
        // Neither as it is nor as it will be: what has started cannot be put back before.
        complete: [part, then(request, facts)].every((one) => phaseOf(one, facts.readAt) === 'has not started'),
        note: own.note,
      };
    },
  };
}
