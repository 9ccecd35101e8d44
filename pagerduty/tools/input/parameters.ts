import { z } from 'zod';
import { hidden } from '../../published.ts';
import { findAmbiguity } from '../../strict-json.ts';
import { reveal } from '../../visible-text.ts';

// Building blocks of every tool's input. They take what real agents send (JSON text for objects, nulls for "not given")
// and publish plain, flat JSON Schema.

const BLANK = /^(null|none|nil|undefined|nan|n\/a)?$/i;

/** What is left of an id once quotes and invisible characters are gone; models send such artefacts for "no value". */
function bare(value: string): string {
  return value.replace(/[\s"'`\p{Cf}\p{Cc}]/gu, '');
}

/** Whether it is one of the artefacts that models send for "no value". */
export const isBlank = (value: string): boolean => BLANK.test(bare(value));

const quoted = (value: string) => reveal(JSON.stringify(value));

function idProblem(value: string): string | null {
  if (isBlank(value)) return `is blank (${quoted(value)}); give the id itself, like PABC123`;
  if (/^[A-Z0-9]{1,32}$/.test(value)) return null;
  return 'must be an id of capital letters and digits, like PABC123, with nothing around it';
}

const idText = (kind: string, problem: (value: string) => string | null) =>
  z
    .string()
    .superRefine((value, ctx) => {
      const found = problem(value);
      if (found !== null) ctx.addIssue({ code: 'custom', message: `The ${kind} ${found}.` });
    })
    .meta({ pattern: '^[A-Z0-9]+$' });

/** A PagerDuty id; blank values and artefacts such as `"null"` are refused with a sentence. */
export const id = (kind: string) => idText(`${kind} id`, idProblem);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of an orchestration: a UUID. Blank values and artefacts are refused with a sentence. */
export const uuid = (kind: string) =>
  z
    .string()
    .superRefine((value, ctx) => {
      if (UUID.test(value)) return;
      const problem = isBlank(value)
        ? `is blank (${quoted(value)}); give the id itself`
        : 'must be a UUID, like b02e973d-9620-4e0a-9edc-00fedf7d4694, with nothing around it';
      ctx.addIssue({ code: 'custom', message: `The ${kind} id ${problem}.` });
    })
    .meta({ format: 'uuid' });

/** The id of an incident that is to be changed. Its number is refused: the call is built without asking PagerDuty. */
export const incidentId = idText('incident id', (value) =>
  /^#?[0-9]+$/.test(value)
    ? `${quoted(value)} is an incident number; get_incident tells the id that belongs to it, send that`
    : idProblem(value),
).describe('Id of the incident, like Q1ABC2DEF3GHIJ, not its number.');

/** Reads may name an incident by id or by number. */
export const incidentIdOrNumber = idText('incident id or number', (value) =>
  /^#?[0-9]+$/.test(value) ? null : idProblem(value),
)
  .meta({ pattern: '^#?[A-Z0-9]+$' })
  .describe('Id or number of the incident.')
  .transform((value) => value.replace('#', ''));

/** Text of an agent. Lone surrogates have no UTF-8 form, so what is shown could not be what is sent. */
export const text = (limits: { max: number }) =>
  z
    .string()
    .max(limits.max)
    .refine((value) => !/\p{Cs}/u.test(value), 'Contains half of a character (a lone surrogate).')
    .refine((value) => bare(value) !== '', 'Must not be blank.');

function parseJsonText(value: unknown, ctx: z.core.$RefinementCtx): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return value;
  }
  const because = findAmbiguity(value);
  if (because === null) return parsed;
  ctx.addIssue({ code: 'custom', message: `This JSON text can be read in more than one way. ${reveal(because)}` });
  return z.NEVER;
}

/** An object or list that may also arrive as its JSON text; the published schema is the plain one. */
export const jsonText = <T extends z.ZodType>(schema: T) => z.preprocess(parseJsonText, schema);

/** Not given, or given as null, which upstream clients send for the same. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional()).optional();

function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (value === null || typeof value !== 'object') return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(given.map(([key, inner]) => [key, compact(inner)]));
}

/** Removes members that are undefined, so that "null", "not given" and its stored JSON are one and the same input. */
export function given<T>(value: T): T {
  // The cast holds: an undefined member may be absent in every schema that `optional` made.
  return compact(value) as T;
}

/** The arguments of one tool: unknown names are refused by name. */
export const toolInput = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape).transform((value) => given(value));

/** A reference as upstream writes it; type and label are PagerDuty's own and are not passed on. */
export const referenceTo = (kind: string, type: string) =>
  z
    .strictObject({
      id: id(kind),
      type: hidden(optional(z.literal(type))),
      summary: hidden(optional(z.string().max(300))),
    })
    .transform((reference) => ({ id: reference.id }));

export const ids = (kind: string) => optional(jsonText(z.array(id(kind)).max(100)));

/** How many items come back in all, whatever PagerDuty's page size; default 25, at most 100. */
export const limit = optional(z.int().min(1).max(100)).describe('Default 25.');
export const DEFAULT_LIMIT = 25;

export const offset = optional(z.int().min(0).max(9_900));

export const query = optional(z.string().max(200)).describe('Part of the name.');

export const timeZone = optional(z.string().max(60)).describe('IANA name.');

const OFFSET_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** A point in time. The zone must be given: a guessed one would put the wrong person on call. */
export const instant = z
  .string()
  .refine(
    (value) => OFFSET_TIME.test(value) && !Number.isNaN(Date.parse(value)),
    'Must be an ISO 8601 time with its zone, like 2026-01-31T18:00:00Z or 2026-01-31T19:00:00+01:00.',
  )
  .meta({ format: 'date-time' });

/** Reads accept what PagerDuty accepts, dates without a time too. */
const readInstant = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)), 'Must be an ISO 8601 date or time.')
  .meta({ format: 'date-time' });

export const since = optional(readInstant);
export const until = optional(readInstant);

/** Upstream's expansions. Answers here have a fixed set of fields, so the list changes nothing. */
export const include = hidden(optional(jsonText(z.array(z.string().max(40)).max(20))));

export const urgency = z.enum(['high', 'low']);

/** Upstream's wrapper of read parameters; may be left out. */
export const queryModel = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  optional(jsonText(z.strictObject(shape)));
