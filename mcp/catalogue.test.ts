import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { readTools, writeTools } from '#pagerduty/tools/index.ts';
import { CATALOGUE } from './catalogue.ts';
import { companions } from './companions.ts';

const ajv = addFormats.default(new Ajv2020({ strict: false }));
const examples = Object.fromEntries(
  Object.entries({ ...writeTools, ...readTools, ...companions }).map(([name, { example }]) => [name, example]),
);

describe.each(CATALOGUE.writer.map((tool) => [tool.name, tool] as const))('%s', (name, tool) => {
  test('publishes a schema that takes its own example', () => {
    const validate = ajv.compile(tool.inputSchema);
    expect(validate(examples[name]), JSON.stringify(validate.errors)).toBe(true);
    expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
  });

  test('has a name that every client keeps, a title and all four hints', () => {
    expect(name).toMatch(/^[a-z0-9_]{1,64}$/);
    expect(tool.title).toBeTruthy();
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = tool.annotations ?? {};
    for (const hint of [readOnlyHint, destructiveHint, idempotentHint, openWorldHint])
      expect(hint).toBeTypeOf('boolean');
  });
});

test('only reads and looks claim to change nothing', () => {
  const changing = CATALOGUE.writer.filter(({ annotations }) => annotations?.readOnlyHint === false);
  expect(changing.map(({ name }) => name)).toEqual([...Object.keys(writeTools), 'cancel_request']);
});

test('writes say that a human decides and how to wait, and take a reason and a key', () => {
  for (const name of Object.keys(writeTools)) {
    const tool = CATALOGUE.writer.find((each) => each.name === name);
    expect(tool?.description).toMatch(/a human on call approved/);
    expect(tool?.description).toContain('wait_for_approval');
    expect(tool?.inputSchema.properties).toHaveProperty('reason');
    expect(tool?.inputSchema.properties).toHaveProperty('idempotency_key');
    expect(tool?.inputSchema.required).not.toContain('reason');
  }
});

test('no two tools share a name', () => {
  const names = CATALOGUE.writer.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('all schemas together leave room in a model’s context: under 25,000 characters', () => {
  const schemas = CATALOGUE.writer.map(({ inputSchema, outputSchema }) => JSON.stringify([inputSchema, outputSchema]));
  expect(schemas.join('').length).toBeLessThan(25_000);
});
