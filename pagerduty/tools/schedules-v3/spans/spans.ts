import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { JsonObject } from '../../../json.ts';
import type { ReadClient } from '../../../read-client.ts';
import type { Summary, SummaryLine, Watched, WriteTool } from '../../../write-tool.ts';
import { TRAIL_SCOPE } from '../../evidence/trail.ts';
import { watchedPart } from '../../evidence/watching.ts';
import { collect } from '../../facts/pages.ts';
import type { Named } from '../../facts/people.ts';
import { DEFAULT_LIMIT, id, limit, since, toolInput, until } from '../../input/parameters.ts';
import { listSentence } from '../../words/answers.ts';
import { type Risk, strictest } from '../../words/risks.ts';
import { clock } from '../../words/wording.ts';
import { type MemberFacts, type OnCallShift, readPeople, SCHEDULE_SCOPES, schedulePath } from '../shifts.ts';
import {
  coverageRisks,
  effectOf,
  type OnSchedule,
  partResult,
  phaseOf,
  rangeAsked,
  type Span,
  sameInstant,
  scheduleTouches,
  spanRisks,
  spanWords,
  watchedWindow,
} from './windows.ts';

// Custom shifts and overrides are twins: parts of a schedule that cover one span of time, once. PagerDuty makes, shows,
// changes and deletes them alike, and so do their tools. What one of them says or forbids of its own is in its files.

/** What tells the two apart, as types: three names, what PagerDuty shows and what a snapshot holds. */
export interface SpanKind {
  word: string;
  part: string;
  taker: string;
  item: { id: string; start_time: string; end_time: string };
  facts: Span & { id: string };
}

export type FactsOf<Kind extends SpanKind> = Kind['facts'] & Record<Kind['taker'], MemberFacts>;

/** The arguments that name one. */
export type PlaceOf<Kind extends SpanKind> = { schedule_id: string } & Record<`${Kind['word']}_id`, string>;

/** A schedule and one of its parts, in a snapshot. */
export type HeldOf<Kind extends SpanKind> = OnSchedule & Record<Kind['part'], FactsOf<Kind>>;

/** What each of the two is: from one member follows what is shown, what is compared and what is put back alike. */
interface Declared<Kind extends SpanKind> {
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
  facts(item: Kind['item'], people: Named[]): FactsOf<Kind>;
  /** What agents see of it. */
  fields(facts: FactsOf<Kind>): JsonObject;
  /** Where on the schedule it lies, as it is compared; empty where there is one such place only. */
  place(facts: FactsOf<Kind>): Watched[];
  /** Who is on call once it is there, and once it is not; null where that does not show. */
  with(shifts: OnCallShift[], facts: FactsOf<Kind>): OnCallShift[] | null;
  without(shifts: OnCallShift[], facts: FactsOf<Kind>): OnCallShift[] | null;
}

export type SpanPart<Kind extends SpanKind> = Declared<Kind> & ReturnType<typeof derived<Kind>>;

export const spanOf = ({ start_time: start, end_time: end }: SpanKind['item']): Span => ({ start, end });

export const listInput = toolInput({ schedule_id: id('shift-based schedule'), since, until, limit });

/** What an object has under a name that is a type of its own. */
export const under = <Name extends string, Value>(name: Name, object: Record<Name, Value>): Value => object[name];

/** That under its name in a snapshot. The cast holds: TypeScript loses the name where it is computed. */
export const holding = <Name extends string, Held>(name: Name, held: Held) => ({ [name]: held }) as Record<Name, Held>;

function derived<Kind extends SpanKind>(own: Declared<Kind>) {
  const { word, part, taker } = own;
  const noun = word.replace('_', ' ');
  const listPath = (scheduleId: string) => `${schedulePath(scheduleId)}/${word}s`;
  const idIn = (place: PlaceOf<Kind>): string => under<`${Kind['word']}_id`, string>(`${word}_id`, place);
  const path = (place: PlaceOf<Kind>) => `${listPath(place.schedule_id)}/${encodeURIComponent(idIn(place))}`;
  /** Reads one as PagerDuty shows it. @throws PagerDutyError `not_found` and others. */
  const read = async (pagerduty: ReadClient, place: PlaceOf<Kind>): Promise<Kind['item']> =>
    (await pagerduty.get(path(place), own.answer))[word];
  const itemsIn = (answer: Record<`${Kind['word']}s`, Kind['item'][]>) =>
    under<`${Kind['word']}s`, Kind['item'][]>(`${word}s`, answer);
  const held = (facts: Record<Kind['part'], FactsOf<Kind>>): FactsOf<Kind> => facts[part];
  const placeOf = (facts: FactsOf<Kind>) => own.place(facts).map(({ value }) => value);
  /** Whether they are the same but for the start: one in the past may have become the time of the call. */
  const isLike = (one: FactsOf<Kind>, other: FactsOf<Kind>): boolean =>
    isDeepStrictEqual(placeOf(one), placeOf(other)) &&
    one[taker].userId === other[taker].userId &&
    sameInstant(one.end, other.end, 1_000);
  return {
    noun,
    listPath,
    idIn,
    path,
    read,
    itemsIn,
    /** Reads all that touch the time of this one. */
    async readAround(pagerduty: ReadClient, scheduleId: string, item: Kind['item']) {
      const range = { since: item.start_time, until: item.end_time, overflow: true };
      return itemsIn(await pagerduty.get(listPath(scheduleId), own.answers, range));
    },
    result: (place: { schedule_id: string }, partId: string): JsonObject =>
      partResult(place.schedule_id, { [`${word}_id`]: partId }),
    /** The part in a snapshot. */
    held,
    /** What must not change between showing and sending: the part, the schedule and who is on call in the window. */
    watched(facts: HeldOf<Kind>): Watched[] {
      const now = held(facts);
      const { userId, name } = now[taker];
      const phase = phaseOf(now, facts.readAt);
      return [
        watchedPart(`the ${noun}`, 'start', now.start, clock(now.start)),
        watchedPart(`the ${noun}`, 'end', now.end, clock(now.end)),
        ...own.place(now),
        watchedPart(`the ${noun}`, 'person', userId, name, taker),
        watchedPart(`the ${noun}`, 'state', phase, `"it ${phase}"`, 'phase'),
        ...watchedWindow(facts),
      ];
    },
    /** `The override ended already, at 2026-01-31 19:00 (Europe/Berlin)` */
    endedWords: (facts: HeldOf<Kind>) =>
      `The ${noun} ended already, at ${clock(held(facts).end, facts.schedule.timeZone)}`,
    isLike,
    isSame: (one: FactsOf<Kind>, other: FactsOf<Kind>): boolean =>
      isLike(one, other) && sameInstant(one.start, other.start, 1_000),
    /** The run of the tool that reads one. */
    async get(pagerduty: ReadClient, place: PlaceOf<Kind>) {
      const item = await read(pagerduty, place);
      const { found } = await readPeople(pagerduty, own.people(item));
      const text = `The ${noun} is ${spanWords(spanOf(item), null)}.`;
      return { answer: { [word]: own.fields(own.facts(item, found)) }, text };
    },
    /** The run of the tool that lists them. */
    async list(pagerduty: ReadClient, request: z.infer<typeof listInput>) {
      const source = { path: listPath(request.schedule_id), list: `${word}s`, item: own.item };
      const range = rangeAsked(request, new Date());
      const { items, more } = await collect(pagerduty, source, range, { limit: request.limit ?? DEFAULT_LIMIT });
      const userIds = items.flatMap((item) => own.people(item));
      const { found } = await readPeople(pagerduty, userIds);
      const answer = { [`${word}s`]: items.map((item) => own.fields(own.facts(item, found))), more };
      return { answer, text: listSentence({ items, more }, noun) };
    },
  };
}

/** A custom shift or an override, with all that follows from what it is. */
export const spanPart = <Kind extends SpanKind>(own: Declared<Kind>): SpanPart<Kind> => ({ ...own, ...derived(own) });

export interface Times {
  start: string | undefined;
  end: string | undefined;
}

/** What follows from the part: all but what a tool says of itself, in its own file. */
export type Shared<Input, Before, After> = Omit<
  WriteTool<Input, Before, After>,
  'name' | 'title' | 'description' | 'version' | 'source' | 'input' | 'before' | 'example'
>;

/** What the card says of one request, beside who starts and stops being on call. */
export interface Saying {
  title: string;
  lines: SummaryLine[];
  /** When it begins and ends, as the first sentence of the effect. */
  timing: string;
  /** The last ones. */
  notes: string[];
}

interface Doing<Input, Before> {
  /** The time in which it takes effect. */
  span(input: Input, facts: Before): Span;
  /** Who is on call in the window then; null when that cannot be computed. */
  after(input: Input, facts: Before): OnCallShift[] | null;
  risk(input: Input, facts: Before): Risk;
  says(input: Input, facts: Before): Saying;
}

/** What every write has: what is weighed and what is shown is the same time and the same people. */
export function covering<Input, Before extends OnSchedule>({ span, after, risk, says }: Doing<Input, Before>) {
  return {
    toolset: 'schedules_v3' as const,
    reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
    needsFrom: false,
    risk: (input: Input, facts: Before) =>
      strictest([
        risk(input, facts),
        ...spanRisks(span(input, facts), facts.readAt),
        ...coverageRisks(facts, after(input, facts)),
      ]),
    touches: (_input: Input, facts: Before) => scheduleTouches(facts),
    summarize(input: Input, facts: Before): Summary {
      const { title, lines, timing: first, notes } = says(input, facts);
      const { known, lines: told } = effectOf(facts, after(input, facts), first);
      const { name, services } = facts.schedule;
      return {
        title,
        target: name,
        services: services.map((one) => one.name),
        lines,
        effect: { known, lines: [...told, ...notes] },
      };
    },
  };
}

/** From and until: what they are, null for something new, and what they will be, of those that are given. */
export const spanLines = (now: Span | null, { start, end }: Times, zone: string | null): SummaryLine[] => [
  ...(start === undefined ? [] : [{ label: 'From', now: now && clock(now.start, zone), after: clock(start, zone) }]),
  ...(end === undefined ? [] : [{ label: 'Until', now: now && clock(now.end, zone), after: clock(end, zone) }]),
];
