import { orGone } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import type { Verdict, WriteTool } from '../../../write-tool.ts';
import { absence, presence, readTrail, type Trail } from '../../evidence/trail.ts';
import { no } from '../../evidence/watching.ts';
import { named } from '../members.ts';
import { type MemberFacts, readPeople, readShiftSchedule } from '../shifts.ts';
import {
  covering,
  type FactsOf,
  type HeldOf,
  holding,
  type PlaceOf,
  type Shared,
  type SpanKind,
  type SpanPart,
  spanLines,
  spanOf,
  type Times,
  under,
} from './spans.ts';
import { afterwards, checkSpan, phaseOf, timing, windowAround } from './windows.ts';

/** What is to change; undefined and null stay as they are. */
interface Change extends Times {
  member: MemberFacts | null;
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

/** Times as PagerDuty takes them, of those that are given. */
const timesOf = ({ start, end }: Times): JsonObject => ({
  ...(start === undefined ? {} : { start_time: start }),
  ...(end === undefined ? {} : { end_time: end }),
});

/** The part as it will be. */
const changed = <Kind extends SpanKind>({ taker }: SpanPart<Kind>, change: Change, part: FactsOf<Kind>) => ({
  ...part,
  start: change.start ?? part.start,
  end: change.end ?? part.end,
  [taker]: change.member ?? part[taker],
});

/** Whether it has every value that is asked for: then nothing would change. */
const hasAll = <Kind extends SpanKind>(kind: SpanPart<Kind>, change: Change, part: FactsOf<Kind>): boolean =>
  kind.isSame(changed(kind, change, part), part);

/** What is sent, and found again in the answer or by reading. */
function sending<Kind extends SpanKind, Input extends PlaceOf<Kind>>(
  kind: SpanPart<Kind>,
  own: Own<Kind, Input>,
): Pick<WriteTool<Input, ToChange<Kind>, After<Kind>>, 'supersedes' | 'call' | 'interpret' | 'readBack' | 'verify'> {
  const { noun, word } = kind;
  const body = (request: Input): JsonObject => {
    const { member, ...times } = own.asked(request);
    return { ...timesOf(times), ...(member && own.body(member)) };
  };
  const isAsAsked = (request: Input, item: Kind['item']) => hasAll(kind, own.asked(request), kind.facts(item, []));
  return {
    supersedes: (request) =>
      `update_schedule_v3_${word} ${Object.keys(body(request)).sort().join('+')} ${kind.idIn(request)}`,
    call: (request) => ({ method: 'PUT', path: kind.path(request), body: { [word]: body(request) } }),
    interpret(request, answer) {
      const item = kind.answer.parse(answer)[word];
      if (item.id === kind.idIn(request) && isAsAsked(request, item)) {
        return { applied: true, result: kind.result(request, item.id), secrets: [] };
      }
      throw new TypeError(`The answer shows another ${noun}.`);
    },
    async readBack(pagerduty, request, attempt) {
      const [item, trail] = await Promise.all([
        orGone(kind.read(pagerduty, request)),
        readTrail(pagerduty, 'v3/schedules', request.schedule_id, attempt),
      ]);
      return { item, trail };
    },
    verify(request, { item, trail }) {
      if (item === null) return { applied: null, because: `The ${noun} is no longer there. A human must look.` };
      if (!isAsAsked(request, item)) return absence(trail, `The ${noun} does not have every value that was asked for.`);
      return presence(trail, `The ${noun} has every value that was asked for.`, kind.result(request, item.id));
    },
  };
}

/** All that changing one is, but for the words and for what PagerDuty allows. */
export function changing<Kind extends SpanKind, Input extends PlaceOf<Kind>>(
  kind: SpanPart<Kind>,
  own: Own<Kind, Input>,
): Shared<Input, ToChange<Kind>, After<Kind>> {
  const { noun, taker, held } = kind;
  const takerIn = (facts: Record<Kind['taker'], MemberFacts | null>) => under(taker, facts);
  const then = (request: Input, facts: ToChange<Kind>) =>
    changed(kind, { ...own.asked(request), member: takerIn(facts) }, held(facts));
  function admit(request: Input, facts: ToChange<Kind>): Verdict {
    const change = own.asked(request);
    if (!facts.known) return no(`PagerDuty has no user with the id ${change.member?.userId}.`);
    if (phaseOf(held(facts), facts.readAt) === 'is over') return no(`${kind.endedWords(facts)}.`);
    const allowed = own.allows(request, facts);
    if (!allowed.holds) return allowed;
    if (hasAll(kind, change, held(facts))) return no(`The ${noun} is like that already.`);
    return checkSpan(then(request, facts), facts);
  }
  return {
    ...covering<Input, ToChange<Kind>>({
      span: then,
      after: (request, facts) =>
        own.foreseen(facts)
          ? afterwards(facts, (shifts) => {
              const rest = kind.without(shifts, held(facts));
              return rest && kind.with(rest, then(request, facts));
            })
          : null,
      risk: () => ({ level: 'high', reason: 'Changes who is paged in the window.' }),
      says(request, facts) {
        const { readAt, schedule } = facts;
        const part = held(facts);
        const member = takerIn(facts);
        const taken = member && { label: own.label(part), now: part[taker].name, after: member.name };
        return {
          title: `Change ${own.words(part)} on "${schedule.name}"`,
          lines: [...(taken ? [taken] : []), ...spanLines(part, own.asked(request), schedule.timeZone)],
          timing: timing(then(request, facts), readAt, phaseOf(part, readAt) === 'is running'),
          notes: [],
        };
      },
    }),
    ...sending(kind, own),
    annotations: { destructiveHint: true, idempotentHint: true },
    async read(pagerduty, request) {
      const item = await kind.read(pagerduty, request);
      const { member, start = item.start_time, end = item.end_time } = own.asked(request);
      const [schedule, people] = await Promise.all([
        readShiftSchedule(pagerduty, request.schedule_id, windowAround(spanOf(item), { start, end })),
        readPeople(pagerduty, [...kind.people(item), member?.userId]),
      ]);
      return {
        readAt: new Date().toISOString(),
        schedule,
        ...holding(kind.part, kind.facts(item, people.found)),
        ...holding(taker, member && named(member, people.found)),
        known: !people.missing.some((userId) => userId === member?.userId),
      };
    },
    watched: (_request, facts) => kind.watched(facts),
    admit,
    alsoHolds: (request, _facts, now) => admit(request, now),
    undo(request, facts) {
      const { start, end, member } = own.asked(request);
      const part = held(facts);
      const times = timesOf({ start: start && part.start, end: end && part.end });
      return {
        possible: true,
        tool: `update_schedule_v3_${kind.word}`,
        input: { ...kind.result(request, kind.idIn(request)), ...own.again(times, member && part[taker]) },
        // Neither as it is nor as it will be: what has started cannot be put back before.
        complete: [part, then(request, facts)].every((one) => phaseOf(one, facts.readAt) === 'has not started'),
        note: own.note,
      };
    },
  };
}
