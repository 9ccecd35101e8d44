import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiJudge } from '../fake/openapi.ts';
import type { ReadTool } from '../read-tool.ts';
import type { Undo, WriteTool } from '../write-tool.ts';
import { findReadTool, findWriteTool, readTools, writeTools } from './index.ts';
import { stage } from './stage.ts';

const judge = await openApiJudge();
const { held, binding } = await stage();

// In this folder a dash in a file's name means: one tool.
const files = readdirSync(import.meta.dirname).filter((name) => name.includes('-') && name.endsWith('.ts'));
const toolFiles = files.filter((name) => !name.endsWith('.test.ts'));
const writes: [string, WriteTool][] = Object.entries(writeTools);
const reads: [string, ReadTool][] = Object.entries(readTools);
const all: [string, WriteTool | ReadTool][] = [...writes, ...reads];
const fileOf = (name: string) => `${name.replaceAll('_', '-')}.ts`;
const schemaOf = (tool: WriteTool | ReadTool) => z.toJSONSchema(tool.input, { io: 'input' });

describe('the catalogue', () => {
  test('has every tool of the folder under its own name, and nothing else', () => {
    expect(all.map(([key]) => fileOf(key)).sort()).toEqual(toolFiles.sort());
    for (const [key, tool] of all) expect(tool.name).toBe(key);
    expect(new Set(all.map(([key]) => key)).size).toBe(all.length);
  });

  test('has tests beside every tool', () => {
    const missing = toolFiles.filter((name) => !files.includes(name.replace(/\.ts$/, '.test.ts')));
    expect(missing).toEqual([]);
  });

  test('finds tools by name only, never by what an object inherits', () => {
    expect(findWriteTool('manage_incidents')).toBe(writeTools.manage_incidents);
    expect(findReadTool('get_incident')).toBe(readTools.get_incident);
    expect(findWriteTool('get_incident')).toBeUndefined();
    for (const name of ['toString', '__proto__', 'constructor', '']) {
      expect(findWriteTool(name)).toBeUndefined();
      expect(findReadTool(name)).toBeUndefined();
    }
  });

  test('fits into a small part of an agent’s context', () => {
    const characters = all.reduce((sum, [, tool]) => sum + JSON.stringify(schemaOf(tool)).length, 0);
    expect(characters).toBeLessThan(20_000);
  });
});

describe.each(all)('%s', (name, tool) => {
  test('publishes a plain schema that never changes by accident', async () => {
    const schema = schemaOf(tool);
    const text = JSON.stringify(schema);
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(text).not.toContain('$ref');
    expect(text).not.toContain('anyOf');
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`__schemas__/${name}.json`);
  });

  test('takes its own example', () => {
    expect(tool.input.safeParse(tool.example).error).toBeUndefined();
  });

  test('refuses unknown arguments by name', () => {
    const parsed = tool.input.safeParse({ ...tool.example, surprise: 1 });
    expect(JSON.stringify(parsed.error?.issues)).toContain('surprise');
  });

  test('speaks in whole sentences', () => {
    expect(tool.title).toMatch(/^[A-Z][^.]+$/);
    expect(tool.description).toMatch(/^[A-Z].+\.$/);
  });
});

describe.each(writes)('the write %s', (name, tool) => {
  test('says the same in its source and in its call', async () => {
    const { input } = await held(tool, tool.example);
    const call = tool.call(input, binding);
    expect(call.method).toBe(tool.source.method);
    const pattern = tool.source.path.replace(/\{[^}]+\}/g, '[A-Z0-9]+');
    expect(call.path).toMatch(new RegExp(`^${pattern}$`));
  });

  test('makes the same call, state and summary from what was stored', async () => {
    const { input, before } = await held(tool, tool.example);
    const again = tool.input.parse(JSON.parse(JSON.stringify(input)));
    expect(again).toEqual(input);
    expect(tool.call(again, binding)).toEqual(tool.call(input, binding));
    expect(tool.precondition(input, before, before)).toEqual({ holds: true });
    expect(JSON.stringify(tool.state(input, before))).not.toContain('readAt');
    const nulls = JSON.stringify(tool.call(input, binding).body).match(/:null/g);
    expect(nulls).toBeNull();
  });

  test('is admitted with its example, with a reason for its risk and a title that starts with a verb', async () => {
    const { input, before } = await held(tool, tool.example);
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.risk(input, before).reasons.length).toBeGreaterThan(0);
    const { title, target, lines, effect } = tool.summarize(input, before);
    expect(title).toMatch(/^(Acknowledge|Add|Ask|Change|Create|Put) /);
    expect(target).not.toBe('');
    expect(lines.length).toBeGreaterThan(0);
    expect(effect.lines.length).toBeGreaterThan(0);
    expect(tool.touches(input, before).subjects[0]).toMatch(/^[a-z_]+:[A-Z0-9]+$/);
  });

  test('can be replaced by a newer ask only when repeating it sets the same value', async () => {
    const { input } = await held(tool, tool.example);
    if (tool.annotations.idempotentHint) expect(tool.supersedes(input)).not.toBeNull();
    else if (name !== 'manage_incidents') expect(tool.supersedes(input)).toBeNull();
  });

  test('is undone by a tool that exists and takes that input, or says why not', async () => {
    const { input, before } = await held(tool, tool.example);
    const undo: Undo = tool.undo(input, before);
    if (!undo.possible) expect(undo.because).toMatch(/\.$/);
    else expect(findWriteTool(undo.tool)?.input.safeParse(undo.input).success).toBe(true);
  });

  test.skipIf(judge === null)('makes a call that PagerDuty’s own description allows', async () => {
    const { input } = await held(tool, tool.example);
    const { method, path, body } = tool.call(input, binding);
    expect(judge?.request(method, path, new URLSearchParams(), body)).toEqual([]);
  });
});
