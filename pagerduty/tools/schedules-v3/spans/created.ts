import { orGone } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import type { ReadClient } from '../../../read-client.ts';
import type { Verdict } from '../../../write-tool.ts';
import { absence, presence, readTrail, type Trail } from '../../evidence/trail.ts';
import type { Risk } from '../../words/risks.ts';
import { type OnCallShift, readPeople, readShiftSchedule } from '../shifts.ts';
import { covering, type FactsOf, type Saying, type Shared, type SpanKind, type SpanPart, spanOf } from './spans.ts';
import { afterwards, type OnSchedule, timing, watchedWindow, windowAround } from './windows.ts';

interface After<Kind extends SpanKind> {
  /** Null = the schedule is gone. */
  items: Kind['item'][] | null;
  trail: Trail;
}

interface Own<Kind extends SpanKind, Input, Before> {
  /** The one that is asked for, as PagerDuty would show it. */
  asked(request: Input): Kind['item'];
  /** The same with the names that were read. */
  named(part: FactsOf<Kind>, facts: Before): FactsOf<Kind>;
  body(part: FactsOf<Kind>): JsonObject;
  admit(part: FactsOf<Kind>, facts: Before): Verdict;
  risk(part: FactsOf<Kind>): Risk;
  says(part: FactsOf<Kind>, facts: Before, after: OnCallShift[] | null): Omit<Saying, 'timing'>;
  /** `an override with this window, place and person` */
  exactly: string;
  /** The same when only its start is another. */
  nearly: string;
  note: string;
}

/** The schedule, the people who are named, and the ids of what is exactly like it already. */
export async function readToCreate<Kind extends SpanKind>(
  kind: SpanPart<Kind>,
  pagerduty: ReadClient,
  scheduleId: string,
  item: Kind['item'],
) {
  const [schedule, existing, { found, missing }] = await Promise.all([
    readShiftSchedule(pagerduty, scheduleId, windowAround(spanOf(item))),
    kind.readAround(pagerduty, scheduleId, item),
    readPeople(pagerduty, kind.people(item)),
  ]);
  const twins = existing.filter((one) => kind.isSame(kind.facts(one, []), kind.facts(item, [])));
  return { schedule, found, missing, twins: twins.map(({ id }) => id) };
}

/** All that creating one is, but for the words, for what is read of its own and for what makes no sense. */
export function creating<Kind extends SpanKind, Input extends { schedule_id: string }, Before extends OnSchedule>(
  kind: SpanPart<Kind>,
  own: Own<Kind, Input, Before>,
): Omit<Shared<Input, Before, After<Kind>>, 'read'> {
  const noun = kind.noun;
  const nameless = (request: Input) => kind.facts(own.asked(request), []);
  const part = (request: Input, facts: Before) => own.named(nameless(request), facts);
  const after = (request: Input, facts: Before) =>
    afterwards(facts, (shifts) => kind.with(shifts, part(request, facts)));
  const admit = (request: Input, facts: Before) => own.admit(part(request, facts), facts);
  return {
    ...covering<Input, Before>({
      span: nameless,
      after,
      risk: (request, facts) => own.risk(part(request, facts)),
      says: (request, facts) => ({
        ...own.says(part(request, facts), facts, after(request, facts)),
        timing: timing(nameless(request), facts.readAt),
      }),
    }),
    annotations: { destructiveHint: true, idempotentHint: false },
    watched: (_request, facts) => watchedWindow(facts),
    admit,
    supersedes: () => null,
    call: (request) => ({
      method: 'POST',
      path: kind.listPath(request.schedule_id),
      body: { [`${kind.word}s`]: [own.body(nameless(request))] },
    }),
    alsoHolds: (request, _facts, now) => admit(request, now),
    interpret(request, body) {
      const [made, ...others] = kind.itemsIn(kind.answers.parse(body));
      if (!made || others.length > 0 || !kind.isLike(kind.facts(made, []), nameless(request))) {
        throw new TypeError(`The answer shows another ${noun}.`);
      }
      return { applied: true, result: kind.result(request, made.id), secrets: [] };
    },
    async readBack(pagerduty, request, attempt) {
      const [items, trail] = await Promise.all([
        orGone(kind.readAround(pagerduty, request.schedule_id, own.asked(request))),
        readTrail(pagerduty, 'v3/schedules', request.schedule_id, attempt),
      ]);
      return { items, trail };
    },
    verify(request, { items, trail }) {
      if (items === null) return { applied: null, because: 'The schedule is no longer there. A human must look.' };
      const like = items.filter((one) => kind.isLike(kind.facts(one, []), nameless(request)));
      const [made, ...others] = like.filter((one) => kind.isSame(kind.facts(one, []), nameless(request)));
      if (others.length > 0) {
        return { applied: null, because: `The schedule has several such ${noun}s. A human must look.` };
      }
      if (made) return presence(trail, `The schedule has ${own.exactly}.`, kind.result(request, made.id));
      return like.length > 0
        ? { applied: null, because: `The schedule has ${own.nearly} with the same end, but another start.` }
        : absence(trail, `The schedule has no such ${noun}.`);
    },
    undo: (request, { readAt }, result) => ({
      possible: true,
      tool: `delete_schedule_v3_${kind.word}`,
      input: result && { schedule_id: request.schedule_id, [`${kind.word}_id`]: result[`${kind.word}_id`] ?? null },
      complete: Date.parse(nameless(request).start) > Date.parse(readAt),
      note: own.note,
    }),
  };
}
