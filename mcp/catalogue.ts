import type { Tool } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { LIMITS } from '#approvals/limits.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { publishedSchema } from '#pagerduty/published.ts';
import type { ReadTool } from '#pagerduty/read-tool.ts';
import { readTools, writeTools } from '#pagerduty/tools/index.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { type Companion, companions } from './companions.ts';
import { HELD_SCHEMA } from './envelope.ts';

const noMoreThan = (max: number) =>
  z.string().refine((value) => [...value].length <= max, `Has more than ${max} characters.`);

/** The two arguments of every write that are ours: the tool itself never sees them. */
export const ours = z.object({
  reason: noMoreThan(LIMITS.reasonCharacters).describe('Why; shown to the human.').nullish(),
  idempotency_key: noMoreThan(LIMITS.idempotencyKeyCharacters).nullish(),
});

// The cast holds: every input is a Zod object, and a test compiles every schema.
const asObjectSchema = (schema: JsonObject) => schema as Tool['inputSchema'];

const ourProperties = Object.fromEntries(
  Object.entries(ours.shape).map(([name, schema]) => [name, publishedSchema(schema.unwrap().unwrap())]),
);

const HELD = 'Held for a human; after "pending" call wait_for_approval.';

function writeEntry(tool: WriteTool): Tool {
  const own = publishedSchema(tool.input);
  const properties = { ...(own.properties as JsonObject), ...ourProperties };
  const clash = Object.keys(ourProperties).find((name) => Object.hasOwn(own.properties as JsonObject, name));
  if (clash !== undefined) throw new Error(`${tool.name} has an argument called ${clash}, which is ours`);
  return {
    name: tool.name,
    title: tool.title,
    description: `${tool.description} ${HELD}`,
    inputSchema: asObjectSchema({ ...own, properties }),
    outputSchema: HELD_SCHEMA as Tool['outputSchema'],
    annotations: { readOnlyHint: false, ...tool.annotations, openWorldHint: true },
  };
}

const readEntry = (tool: ReadTool): Tool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: asObjectSchema(publishedSchema(tool.input)),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
});

const companionEntry = (name: string, tool: Companion): Tool => ({
  name,
  title: tool.title,
  description: tool.description,
  inputSchema: asObjectSchema(publishedSchema(tool.input)),
  outputSchema: tool.outputSchema as Tool['outputSchema'],
  annotations: tool.annotations,
});

const reads = Object.values(readTools).map((tool) => ({ toolset: tool.toolset, entry: readEntry(tool) }));
const writes = Object.values(writeTools).map((tool) => ({ toolset: tool.toolset, entry: writeEntry(tool) }));
const own = Object.entries(companions).map(([name, tool]) => companionEntry(name, tool));

const lists = new Map<string, Tool[]>();

/**
 * What `tools/list` answers to an agent: the tools of its toolsets, without writes and what belongs to them if it may
 * not write. One list per choice is kept, so that an answer is made from what is there.
 */
export function listFor(agent: { toolsets: readonly Toolset[]; canWrite: boolean }): Tool[] {
  const key = `${agent.canWrite} ${agent.toolsets.join()}`;
  const known = lists.get(key);
  if (known !== undefined) return known;
  const chosen = (tools: typeof reads) =>
    tools.filter(({ toolset }) => agent.toolsets.includes(toolset)).map(({ entry }) => entry);
  const list = [...chosen(reads), ...(agent.canWrite ? [...chosen(writes), ...own] : [])];
  lists.set(key, list);
  return list;
}
