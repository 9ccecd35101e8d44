import type { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import type { Summary, SummaryLine, Watched, WriteTool } from '../../write-tool.ts';
import { TRAIL_SCOPE } from '../evidence/trail.ts';
import { collect } from '../facts/pages.ts';
import type { Named } from '../facts/people.ts';
import { DEFAULT_LIMIT, id, limit, since, toolInput, until } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { clock } from '../words/wording.ts';
import { type MemberFacts, type OnCallShift, readPeople, SCHEDULE_SCOPES, schedulePath } from './shifts.ts';
import {
  coverageRisks,
  effectOf,
  type OnSchedule,
  partResult,
  phaseOf,
  rangeAsked,
  type Span,
  scheduleTouches,
  spanRisks,
  spanWords,
  watchedWindow,
} from './windows.ts';

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

export type FactsOf<Kind extends SpanKind> = Kind['facts'] & Record<Kind['taker'], MemberFacts>;

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
  facts(item: Kind['item'], people: Named[]): FactsOf<Kind>;
  /** What agents see of it. */
  fields(item: Kind['item'], people: Named[]): JsonObject;
  /** Where on the schedule it lies, as it is compared; empty where there is one such place only. */
  place(facts: FactsOf<Kind>): Watched[];
  /** Who is on call once it is there, and once it is not; null where that does not show. */
  with(shifts: OnCallShift[], facts: FactsOf<Kind>): OnCallShift[] | null;
  without(shifts: OnCallShift[], facts: FactsOf<Kind>): OnCallShift[] | null;
}

/** The arguments that name one. */
export type PlaceOf<Kind extends SpanKind> = { schedule_id: string } & Record<`${Kind['word']}_id`, string>;

/** A schedule and one of its parts, in a snapshot. */
export type HeldOf<Kind extends SpanKind> = OnSchedule & Record<Kind['part'], FactsOf<Kind>>;

export const nounOf = ({ word }: { word: string }) => word.replace('_', ' ');

export const idIn = <Word extends string>({ word }: { word: Word }, place: Record<`${Word}_id`, string>): string =>
  place[`${word}_id` as const];

export const listPath = ({ word }: { word: string }, scheduleId: string) => `${schedulePath(scheduleId)}/${word}s`;

export const partPath = <Kind extends SpanKind>(kind: SpanPart<Kind>, place: PlaceOf<Kind>) =>
  `${listPath(kind, place.schedule_id)}/${encodeURIComponent(idIn(kind, place))}`;

export const spanOf = ({ start_time: start, end_time: end }: SpanKind['item']): Span => ({ start, end });

export const listIn = <Word extends string, Items>(
  { word }: { word: Word },
  answer: Record<`${Word}s`, Items>,
): Items => answer[`${word}s` as const];

/** Reads one as PagerDuty shows it. @throws PagerDutyError `not_found` and others. */
export async function readPart<Kind extends SpanKind>(
  kind: SpanPart<Kind>,
  pagerduty: ReadClient,
  place: PlaceOf<Kind>,
): Promise<Kind['item']> {
  return (await pagerduty.get(partPath(kind, place), kind.answer))[kind.word];
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

/** The part that a snapshot holds. */
export const heldIn = <Kind extends SpanKind>(
  { part }: SpanPart<Kind>,
  facts: Record<Kind['part'], FactsOf<Kind>>,
): FactsOf<Kind> => facts[part];

/** That under its name in a snapshot. The cast holds: TypeScript loses the name where it is computed. */
export const holding = <Name extends string, Held>(name: Name, held: Held) => ({ [name]: held }) as Record<Name, Held>;

export const resultOf = ({ word }: { word: string }, place: { schedule_id: string }, partId: string): JsonObject =>
  partResult(place.schedule_id, { [`${word}_id`]: partId });

interface Times {
  start: string | undefined;
  end: string | undefined;
}

/** What a declaration says of its own, in its file; all else follows from the part. */
type Own = 'name' | 'title' | 'description' | 'version' | 'source' | 'input' | 'before' | 'example';
export type Shared<Input, Before, After> = Omit<WriteTool<Input, Before, After>, Own>;

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

/** What must not change between showing and sending: the part, the schedule and who is on call in the window. */
export function watchedHeld<Kind extends SpanKind>(kind: SpanPart<Kind>, facts: HeldOf<Kind>): Watched[] {
  const subject = (what: string) => `${what} of the ${nounOf(kind)}`;
  const part = heldIn(kind, facts);
  const phase = phaseOf(part, facts.readAt);
  const { userId, name } = part[kind.taker];
  return [
    { key: 'start', subject: subject('The start'), value: part.start, words: clock(part.start) },
    { key: 'end', subject: subject('The end'), value: part.end, words: clock(part.end) },
    ...kind.place(part),
    { key: kind.taker, subject: subject('The person'), value: userId, words: name },
    { key: 'phase', subject: subject('The state'), value: phase, words: `"it ${phase}"` },
    ...watchedWindow(facts),
  ];
}

/** `The override ended already, at 2026-01-31 19:00 (Europe/Berlin)` */
export const endedWords = <Kind extends SpanKind>(kind: SpanPart<Kind>, facts: HeldOf<Kind>) =>
  `The ${nounOf(kind)} ended already, at ${clock(heldIn(kind, facts).end, facts.schedule.timeZone)}`;

/** Times as PagerDuty takes them, of those that are given. */
export const timesOf = ({ start, end }: Times): JsonObject => ({
  ...(start === undefined ? {} : { start_time: start }),
  ...(end === undefined ? {} : { end_time: end }),
});

/** From and until: what they are, null for something new, and what they will be, of those that are given. */
export const spanLines = (now: Span | null, { start, end }: Times, zone: string | null): SummaryLine[] => [
  ...(start === undefined ? [] : [{ label: 'From', now: now && clock(now.start, zone), after: clock(start, zone) }]),
  ...(end === undefined ? [] : [{ label: 'Until', now: now && clock(now.end, zone), after: clock(end, zone) }]),
];
