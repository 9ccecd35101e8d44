import { orGone } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import { readTrail } from '../../evidence/trail.ts';
import { no, nothingElse, yes } from '../../evidence/watching.ts';
import { readPeople, readShiftSchedule } from '../shifts.ts';
import {
  covering,
  type FactsOf,
  type HeldOf,
  holding,
  type PlaceOf,
  type Saying,
  type Shared,
  type SpanKind,
  type SpanPart,
  spanOf,
} from './spans.ts';
import { afterwards, goneOrEnded, type Left, phaseOf, windowAround } from './windows.ts';

interface Deletion<Kind extends SpanKind> {
  /** What is said of one that is over, behind the moment at which it ended. */
  over: string;
  reason(facts: HeldOf<Kind>): string;
  says(facts: HeldOf<Kind>, runs: boolean): Omit<Saying, 'notes'>;
  /** Arguments that create it again. */
  again(part: FactsOf<Kind>): JsonObject;
  /** Whether that brings back all that hangs on it. */
  whole(facts: HeldOf<Kind>): boolean;
  note: string;
}

/** All that deleting one is, but for the words. */
export function deleting<Kind extends SpanKind>(
  kind: SpanPart<Kind>,
  own: Deletion<Kind>,
): Shared<PlaceOf<Kind>, HeldOf<Kind>, Left> {
  const held = (facts: HeldOf<Kind>) => kind.held(facts);
  const runs = (facts: HeldOf<Kind>) => phaseOf(held(facts), facts.readAt) === 'is running';
  return {
    ...covering<PlaceOf<Kind>, HeldOf<Kind>>({
      span: (_place, facts) => held(facts),
      after: (_place, facts) => afterwards(facts, (shifts) => kind.without(shifts, held(facts))),
      risk: (_place, facts) => ({ level: 'high', reason: own.reason(facts) }),
      says: (_place, facts) => ({ ...own.says(facts, runs(facts)), notes: [] }),
    }),
    annotations: { destructiveHint: true, idempotentHint: false },
    async read(pagerduty, place) {
      const item = await kind.read(pagerduty, place);
      const [schedule, { found }] = await Promise.all([
        readShiftSchedule(pagerduty, place.schedule_id, windowAround(spanOf(item))),
        readPeople(pagerduty, kind.people(item)),
      ]);
      return { readAt: new Date().toISOString(), schedule, ...holding(kind.part, kind.facts(item, found)) };
    },
    watched: (_place, facts) => kind.watched(facts),
    admit(_place, facts) {
      if (phaseOf(held(facts), facts.readAt) !== 'is over') return yes;
      return no(`${kind.endedWords(facts)}${own.over}.`);
    },
    supersedes: () => null,
    call: (place) => ({ method: 'DELETE', path: kind.path(place), body: null }),
    alsoHolds: nothingElse,
    interpret(place, body) {
      if (body !== null) throw new TypeError('A deletion is answered without a body.');
      return { applied: true, result: kind.result(place, kind.idIn(place)), secrets: [] };
    },
    async readBack(pagerduty, place, attempt) {
      const readAt = new Date().toISOString();
      const [item, trail] = await Promise.all([
        orGone(kind.read(pagerduty, place)),
        readTrail(pagerduty, 'v3/schedules', place.schedule_id, attempt),
      ]);
      return { left: item && spanOf(item), readAt, trail };
    },
    verify: (_place, after, attempt) => goneOrEnded(after, attempt, kind.noun),
    undo(place, facts) {
      const part = held(facts);
      // What was cut off stays where it is: only what is left of it is created again.
      const start = runs(facts) ? facts.readAt : part.start;
      const again = own.again({ ...part, start });
      return {
        possible: true,
        tool: `create_schedule_v3_${kind.word}s`,
        input: { schedule_id: place.schedule_id, [`${kind.word}s`]: [again] },
        complete: !runs(facts) && own.whole(facts),
        note: own.note,
      };
    },
  };
}
