import { z } from 'zod';
import type { Json, JsonObject } from './json.ts';

const HIDDEN = 'hidden';

/**
 * Marks an argument that clients of the official server send and that changes nothing here. It is taken, but not
 * offered: every character of a schema is one that a model has to read.
 */
export const hidden = <T extends z.ZodType>(schema: T): T => schema.meta({ [HIDDEN]: true });

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** What JSON Schema says without our asking, and no model needs. */
const isNoise = (key: string, value: Json) =>
  (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) || (key === 'additionalProperties' && value === false);

function offered(value: Json): Json {
  if (Array.isArray(value)) return value.map(offered);
  if (!isObject(value)) return value;
  const said = Object.entries(value).filter(([key, inner]) => !isNoise(key, inner));
  const members = said.map(([key, inner]): [string, Json] => {
    if (key !== 'properties' || !isObject(inner)) return [key, offered(inner)];
    const kept = Object.entries(inner).filter(([, property]) => !(isObject(property) && property[HIDDEN] === true));
    return [key, Object.fromEntries(kept.map(([name, property]) => [name, offered(property)]))];
  });
  return Object.fromEntries(members);
}

/**
 * The JSON Schema of a tool's arguments as agents get it. That unknown arguments are refused is said once, on top; it
 * holds on every level.
 */
export function publishedSchema(input: z.ZodType): JsonObject {
  const { $schema: _dialect, ...plain } = z.toJSONSchema(input, { io: 'input' });
  // The cast holds: an object stays one.
  const schema = offered(JSON.parse(JSON.stringify(plain))) as JsonObject;
  return { ...schema, additionalProperties: false };
}
