import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { readTools, writeTools } from '#pagerduty/tools/index.ts';
import { DEFAULT_TOOLSETS, isToolset, TOOLSETS } from '#pagerduty/toolsets.ts';
import { listFor } from './catalogue.ts';
import { companions } from './companions.ts';

const ajv = addFormats.default(new Ajv2020({ strict: false }));
const examples = Object.fromEntries(
  Object.entries({ ...writeTools, ...readTools, ...companions }).map(([name, { example }]) => [name, example]),
);

const toolsets = Object.keys(TOOLSETS).filter(isToolset);
const everything = listFor({ toolsets, canWrite: true });

describe.each(everything.map((tool) => [tool.name, tool] as const))('%s', (name, tool) => {
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
  const changing = everything.filter(({ annotations }) => annotations?.readOnlyHint === false);
  expect(changing.map(({ name }) => name)).toEqual([...Object.keys(writeTools), 'cancel_request']);
});

test('writes say that a human decides and how to wait, and take a reason and a key', () => {
  for (const name of Object.keys(writeTools)) {
    const tool = everything.find((each) => each.name === name);
    expect(tool?.description).toContain('Held for a human');
    expect(tool?.description).toContain('wait_for_approval');
    expect(tool?.inputSchema.properties).toHaveProperty('reason');
    expect(tool?.inputSchema.properties).toHaveProperty('idempotency_key');
    expect(tool?.inputSchema.required).not.toContain('reason');
  }
});

test('no two tools share a name', () => {
  const names = everything.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe('what a model has to read before it can begin', () => {
  const offered = (chosen: readonly (typeof toolsets)[number][]) => listFor({ toolsets: chosen, canWrite: true });
  const schemas = (chosen: readonly (typeof toolsets)[number][]) =>
    offered(chosen).reduce((sum, tool) => sum + JSON.stringify([tool.inputSchema, tool.outputSchema]).length, 0);

  test('is under 100,000 characters of schemas with every toolset on, and little more with all words', () => {
    expect(schemas(toolsets)).toBeLessThan(72_000);
    expect(JSON.stringify(offered(toolsets)).length).toBeLessThan(106_000);
  });

  test('is under 25,000 characters of schemas with the toolsets that an incident needs', () => {
    expect(schemas(DEFAULT_TOOLSETS)).toBeLessThan(25_000);
    expect(JSON.stringify(offered(DEFAULT_TOOLSETS)).length).toBeLessThan(37_500);
  });
});

test('an agent is offered the tools of its toolsets and no others', () => {
  const names = listFor({ toolsets: ['alerts'], canWrite: true }).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['list_alerts_from_incident', ...Object.keys(companions)]));
  expect(names).not.toContain('list_incidents');
  expect(listFor({ toolsets, canWrite: false }).map(({ name }) => name)).toEqual(Object.keys(readTools));
  expect(listFor({ toolsets: [], canWrite: false })).toEqual([]);
});
