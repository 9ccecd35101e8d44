import type { Tool } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { LIMITS } from '#approvals/limits.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import type { ReadTool } from '#pagerduty/read-tool.ts';
import { readTools, writeTools } from '#pagerduty/tools/index.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { type Companion, companions } from './companions.ts';
import { ENVELOPE_SCHEMA } from './envelope.ts';

const noMoreThan = (max: number, what: string) =>
  z
    .string()
    .refine((value) => [...value].length <= max, `Has more than ${max} characters.`)
    .meta({ maxLength: max })
    .describe(what);

/** The two arguments of every write that are ours: the tool itself never sees them. */
export const ours = z.object({
  reason: noMoreThan(LIMITS.reasonCharacters, 'Why. Shown to the human as not verified.').nullish(),
  idempotency_key: noMoreThan(
    LIMITS.idempotencyKeyCharacters,
    'The same key and arguments are the same ask.',
  ).nullish(),
});

/** The JSON Schema of what may be sent, as published. */
function published(schema: z.ZodType): JsonObject {
  const { $schema: _dialect, ...plain } = z.toJSONSchema(schema, { io: 'input' });
  return JSON.parse(JSON.stringify(plain));
}

// The cast holds: every input is a Zod object, and a test compiles every schema.
const asObjectSchema = (schema: JsonObject) => schema as Tool['inputSchema'];

const ourProperties = Object.fromEntries(
  Object.entries(ours.shape).map(([name, schema]) => [name, published(schema.unwrap().unwrap())]),
);

const HELD =
  'Nothing is sent before a human on call approved it. If the answer is "pending", call wait_for_approval with its request_id.';

function writeEntry(tool: WriteTool): Tool {
  const own = published(tool.input);
  const properties = { ...(own.properties as JsonObject), ...ourProperties };
  const clash = Object.keys(ourProperties).find((name) => Object.hasOwn(own.properties as JsonObject, name));
  if (clash !== undefined) throw new Error(`${tool.name} has an argument called ${clash}, which is ours`);
  return {
    name: tool.name,
    title: tool.title,
    description: `${tool.description} ${HELD}`,
    inputSchema: asObjectSchema({ ...own, properties }),
    outputSchema: ENVELOPE_SCHEMA as Tool['outputSchema'],
    annotations: { readOnlyHint: false, ...tool.annotations, openWorldHint: true },
  };
}

const readEntry = (tool: ReadTool): Tool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: asObjectSchema(published(tool.input)),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
});

const companionEntry = (name: string, tool: Companion): Tool => ({
  name,
  title: tool.title,
  description: tool.description,
  inputSchema: asObjectSchema(published(tool.input)),
  outputSchema: tool.outputSchema as Tool['outputSchema'],
  annotations: tool.annotations,
});

const reads = Object.values(readTools).map(readEntry);

/** What `tools/list` answers, made once. An agent that may not write is not offered what it could never do. */
export const CATALOGUE: { reader: Tool[]; writer: Tool[] } = {
  reader: reads,
  writer: [
    ...reads,
    ...Object.values(writeTools).map(writeEntry),
    ...Object.entries(companions).map(([name, tool]) => companionEntry(name, tool)),
  ],
};
