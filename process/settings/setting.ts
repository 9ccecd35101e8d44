import { z } from 'zod';
import { SettingError } from '../errors.ts';

export type Environment = Record<string, string | undefined>;

/** The settings as they count: a text of nothing but blanks is not set. */
export function given(env: Environment): Record<string, string> {
  const set = Object.entries(env).flatMap(([name, text]) => {
    const value = text?.trim();
    return value ? [[name, value]] : [];
  });
  return Object.fromEntries(set);
}

/**
 * What the environment says, as the schema reads it; or a sentence for each setting that is missing or wrong. A message
 * of the schema is what stands after the setting's name. No value is repeated but those of a few words and numbers:
 * what was put into the wrong setting may be a secret.
 */
export function look<Settings>(
  schema: z.ZodType<Settings>,
  env: Environment,
): { settings: Settings } | { problems: string[] } {
  const read = schema.safeParse(given(env));
  if (read.success) return { settings: read.data };
  const sentences = read.error.issues.map(({ path, message }) => [...path, message].join(' '));
  return { problems: [...new Set(sentences)] };
}

/** The same for a process that cannot do without. @throws SettingError with those sentences, one on each line. */
export function readSettings<Settings>(schema: z.ZodType<Settings>, env: Environment): Settings {
  const read = look(schema, env);
  if ('problems' in read) throw new SettingError(read.problems.join('\n'));
  return read.settings;
}

/** The names of the settings that a schema reads. */
export function settingsIn(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPipe) return settingsIn(schema.def.in);
  if (schema instanceof z.ZodIntersection) return [...settingsIn(schema.def.left), ...settingsIn(schema.def.right)];
  throw new TypeError('Settings are objects, joined or made into something else.');
}

/** What is said of a setting without which a process cannot work; `is` says what it is. */
export const missing = (is: string) => `is not set. It is ${is}.`;

export const required = (is: string) => z.string(missing(is));

/** The same of one that is wanted because of another. */
export function refuseMissing(ctx: z.RefinementCtx, name: string, is: string): never {
  ctx.addIssue({ code: 'custom', path: [name], message: missing(is) });
  return z.NEVER;
}

export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: ({ input }) => `must be one of ${words.join(', ')}; it is ${JSON.stringify(input)}.` });

export const port = (highest = 65_535) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= highest, {
      error: ({ input }) => `must be a port from 1 to ${highest}; it is ${JSON.stringify(input)}.`,
    })
    .transform(Number);

function isUrl(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

const withoutSlash = (url: string) => url.replace(/\/$/, '');

/** An address of ours; what is said of a wrong one names a right one. */
export const url = (example: string) =>
  z
    .string()
    .refine((text) => isUrl(text, ['https:', 'http:']), `must be a URL such as ${example}.`)
    .transform(withoutSlash);

/** Whether the address is on this machine. */
export function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

/** An address that is told a credential; without encryption only on this machine. */
export const credentialsUrl = (usual: string) =>
  z
    .string()
    .refine((text) => isUrl(text, ['https:', 'http:']), { error: `must be a URL such as ${usual}.`, abort: true })
    .refine(
      (text) => isUrl(text, ['https:']) || isLoopback(text),
      'must be https, or credentials would travel in the clear.',
    )
    .transform(withoutSlash)
    .default(withoutSlash(usual));

/** A PostgreSQL. Its address holds a password. */
export const postgres = (is: string) =>
  required(is).refine(
    (text) => isUrl(text, ['postgres:', 'postgresql:']),
    'must be a URL such as postgres://user:pass@host/db.',
  );
