import type { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import type { Watched } from '../../write-tool.ts';
import { collect } from '../facts/pages.ts';
import type { Named } from '../facts/people.ts';
import { DEFAULT_LIMIT, id, limit, since, toolInput, until } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { type MemberFacts, type OnCallShift, readPeople, schedulePath } from './shifts.ts';
import { type OnSchedule, rangeAsked, type Span, spanWords } from './windows.ts';

// Custom shifts and overrides are twins: parts of a schedule that cover one span of time, once. PagerDuty makes, shows,
// changes and deletes them alike, and so do their tools. What one of them says or forbids of its own is in its files.

/** What tells the two apart, as types. */
export interface SpanKind {
  word: string;
  part: string;
  taker: string;
  item: { id: string; start_time: string; end_time: string };
  facts: Span & { id: string };
}

type Facts<Kind extends SpanKind> = Kind['facts'] & Record<Kind['taker'], MemberFacts>;

/** One of the two: from each member follows what is shown, what is compared and what is put back alike. */
export interface SpanPart<Kind extends SpanKind> {
  /** PagerDuty's word in addresses, arguments, bodies and answers; for a list of them it ends in s. */
  word: Kind['word'];
  /** What a snapshot calls it. */
  part: Kind['part'];
  /** Which of its facts is the person whom it puts on call; what a snapshot calls who is to be that. */
  taker: Kind['taker'];
  item: z.ZodType<Kind['item']>;
  answer: z.ZodType<Record<Kind['word'], Kind['item']>>;
  answers: z.ZodType<Record<`${Kind['word']}s`, Kind['item'][]>>;
  people(item: Kind['item']): (string | null | undefined)[];
  facts(item: Kind['item'], people: Named[]): Facts<Kind>;
  /** What agents see of it. */
  fields(item: Kind['item'], people: Named[]): JsonObject;
  /** Where on the schedule it lies, as it is compared; empty where there is one such place only. */
  place(facts: Facts<Kind>): Watched[];
  /** Who is on call once it is there, and once it is not; null where that does not show. */
  with(shifts: OnCallShift[], facts: Facts<Kind>): OnCallShift[] | null;
  without(shifts: OnCallShift[], facts: Facts<Kind>): OnCallShift[] | null;
}

/** The arguments that name one. */
export type PlaceOf<Kind extends SpanKind> = { schedule_id: string } & Record<`${Kind['word']}_id`, string>;

/** A schedule and one of its parts, in a snapshot. */
export type HeldOf<Kind extends SpanKind> = OnSchedule & Record<Kind['part'], Facts<Kind>>;

const nounOf = ({ word }: { word: string }) => word.replace('_', ' ');

const idIn = <Word extends string>({ word }: { word: Word }, place: Record<`${Word}_id`, string>): string =>
  place[`${word}_id` as const];

const listPath = ({ word }: { word: string }, scheduleId: string) => `${schedulePath(scheduleId)}/${word}s`;

const onePath = <Kind extends SpanKind>(kind: SpanPart<Kind>, place: PlaceOf<Kind>) =>
  `${listPath(kind, place.schedule_id)}/${encodeURIComponent(idIn(kind, place))}`;

const spanOf = ({ start_time: start, end_time: end }: SpanKind['item']): Span => ({ start, end });

/** Reads one as PagerDuty shows it. @throws PagerDutyError `not_found` and others. */
export async function readPart<Kind extends SpanKind>(
  kind: SpanPart<Kind>,
  pagerduty: ReadClient,
  place: PlaceOf<Kind>,
): Promise<Kind['item']> {
  return (await pagerduty.get(onePath(kind, place), kind.answer))[kind.word];
}

/** The run of the tool that reads one. */
export const getting =
  <Kind extends SpanKind>(kind: SpanPart<Kind>) =>
  async (pagerduty: ReadClient, place: PlaceOf<Kind>) => {
    const item = await readPart(kind, pagerduty, place);
    const { found } = await readPeople(pagerduty, kind.people(item));
    const text = `The ${nounOf(kind)} is ${spanWords(spanOf(item), null)}.`;
    return { answer: { [kind.word]: kind.fields(item, found) }, text };
  };

export const listInput = toolInput({ schedule_id: id('shift-based schedule'), since, until, limit });

/** The run of the tool that lists them. */
export const listing =
  <Kind extends SpanKind>(kind: SpanPart<Kind>) =>
  async (pagerduty: ReadClient, request: z.infer<typeof listInput>) => {
    const source = { path: listPath(kind, request.schedule_id), list: `${kind.word}s`, item: kind.item };
    const range = rangeAsked(request, new Date());
    const { items, more } = await collect(pagerduty, source, range, { limit: request.limit ?? DEFAULT_LIMIT });
    const { found } = await readPeople(
      pagerduty,
      items.flatMap((item) => kind.people(item)),
    );
    return {
      answer: { [`${kind.word}s`]: items.map((item) => kind.fields(item, found)), more },
      text: listSentence({ items, more }, nounOf(kind)),
    };
  };
