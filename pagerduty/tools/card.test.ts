import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PagerDutyError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { leaves, unsaid } from '../unsaid.ts';
import type { WriteTool } from '../write-tool.ts';
import { writeTools } from './index.ts';
import { stage, stored } from './testing/stage.ts';

const { reads, binding } = await stage();
const writes: [string, WriteTool][] = Object.entries(writeTools);

interface Property {
  type?: string;
  enum?: Json[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  items?: Property;
  properties?: Record<string, Property>;
  description?: string;
}

/** Words, and what hostile agents put between them. */
const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.lorem({ maxCount: 3 }) },
  fc.constantFrom('a\u202eb', '<!channel> hi', '`code` *bold*', 'line\nline', '=1+1', 'na\u200bme', '{"a":1}', '😀 ok'),
);

/** Another value for a leaf; null where only the example's own makes sense: ids, times. */
function otherValue({ type, enum: values, pattern, format, minimum, maximum, maxLength }: Property) {
  if (values !== undefined) return fc.constantFrom(...values);
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') return fc.integer({ min: minimum ?? 0, max: Math.min(maximum ?? 600, 100_000) });
  if (type !== 'string' || pattern !== undefined || format !== undefined) return null;
  return hostile.map((text) => text.slice(0, maxLength ?? 200));
}

/** Inputs around the example: some leaves with other values, some optional leaves added. */
function around(schema: Property, value: Json | undefined): fc.Arbitrary<Json | undefined> {
  if (schema.properties !== undefined) {
    const given = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
    const members = Object.entries(schema.properties).map(([name, property]) => {
      // Whole objects and lists are not invented: their ids would name nothing.
      const known = Object.hasOwn(given, name) || (property.properties === undefined && property.type !== 'array');
      return [name, known ? around(property, given[name]) : fc.constant(undefined)] as const;
    });
    return fc
      .record(Object.fromEntries(members))
      .map(
        (record) => Object.fromEntries(Object.entries(record).filter(([, inner]) => inner !== undefined)) as JsonObject,
      );
  }
  if (Array.isArray(value)) {
    return fc.tuple(...value.map((each) => around(schema.items ?? {}, each))).map((list) => list as Json);
  }
  const other = otherValue(schema);
  if (other === null) return fc.constant(value);
  return fc.oneof({ weight: 2, arbitrary: fc.constant(value) }, other as fc.Arbitrary<Json>);
}

/** Whether the text has the value as a word of its own. */
const holds = (text: string, value: string) =>
  text.split(value).some((part, index, parts) => index > 0 && !/\w$/.test(parts[index - 1] ?? '') && !/^\w/.test(part));

describe.each(writes)('the card of %s', (_name, tool) => {
  // The cast holds: it is the JSON Schema that Zod makes.
  const schema = z.toJSONSchema(tool.input, { io: 'input' }) as Property;

  test('says every value that was asked for, or counts it among those not said in words', async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(around(schema, tool.example), async (raw) => {
        const parsed = tool.input.safeParse(raw);
        if (!parsed.success) return;
        const input = parsed.data;
        const read = await tool.read(reads, input).catch((error: unknown) => {
          if (error instanceof PagerDutyError) return null;
          throw error;
        });
        // What cannot be read, or makes no sense on what was read, is never held: there is no card.
        if (read === null) return;
        const before = tool.before.parse(stored(read));
        if (!tool.admit(input, before, binding).holds) return;
        const call = tool.call(input, binding, before);
        const summary = tool.summarize(input, before);
        const told = [...summary.lines.map(({ after }) => after), call.path];
        const carried = new Set(call.body === null ? [] : leaves(call.body).map(({ value }) => value));
        const shownUnsaid = unsaid(call.body, summary);
        const lost = leaves(stored(input)).filter(
          ({ value }) => !carried.has(value) && !told.some((text) => holds(text, value)),
        );
        const hiding = leaves(call.body ?? {}).filter(
          (leaf) => !told.includes(leaf.value) && !shownUnsaid.some((each) => each.path === leaf.path),
        );
        expect(call.body === null ? [] : hiding).toEqual([]);
        expect(lost).toEqual([]);
        shown += 1;
      }),
      { numRuns: 12, seed: 4600, examples: [[tool.example]] },
    );
    expect(shown).toBeGreaterThan(0);
  });
});
