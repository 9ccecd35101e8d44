import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openApiJudge } from '../fake/openapi.ts';
import { routeFor } from '../fake/server/routes.ts';
import { publishedSchema } from '../published.ts';
import { createReadClient, type ReadClient } from '../read-client.ts';
import type { ReadTool } from '../read-tool.ts';
import { apiDocument } from '../testing/documents.ts';
import { folderOf } from '../toolsets.ts';
import type { Undo, WriteTool } from '../write-tool.ts';
import { stateOf, stillHolds } from './evidence/watching.ts';
import { findReadTool, findWriteTool, readTools, writeTools } from './index.ts';
import { stage } from './testing/stage.ts';

const judge = await openApiJudge();
const { held, binding, attempt, reads: reader, play } = await stage();
// The analytics questions are POSTs, which the read-only key of the play may not ask.
const full = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountFull });

// In this folder a dash in a file's name means: one tool.
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => (name.split('/')[1] ?? '').includes('-') && name.endsWith('.ts'));
const toolFiles = files.filter((name) => !name.endsWith('.test.ts'));
const writes: [string, WriteTool][] = Object.entries(writeTools);
const reads: [string, ReadTool][] = Object.entries(readTools);
const all: [string, WriteTool | ReadTool][] = [...writes, ...reads];
const fileOf = ({ name, toolset }: ReadTool | WriteTool) => `${folderOf(toolset)}/${name.replaceAll('_', '-')}.ts`;
const schemaOf = (tool: WriteTool | ReadTool) => publishedSchema(tool.input);

describe('the catalogue', () => {
  test('has every tool of the folder under its own name, and nothing else', () => {
    expect(all.map(([, tool]) => fileOf(tool)).sort()).toEqual(toolFiles.sort());
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

/** A read client that notes which OAuth scopes the calls through it need. */
function noting(client: ReadClient) {
  const scopes = new Set<string>();
  const note = (method: string, path: string) => {
    const scope = routeFor(method, path)?.route.scope;
    if (scope) scopes.add(scope);
  };
  const noted: ReadClient = {
    get(path, schema, query) {
      note('GET', path);
      return client.get(path, schema, query);
    },
    pose(question, schema, body) {
      note('POST', question);
      return client.pose(question, schema, body);
    },
  };
  return { noted, scopes };
}

describe.each(reads)('the read %s', (_name, tool) => {
  test('needs no scope that it does not name', async () => {
    const { noted, scopes } = noting(full);
    await tool.run(noted, tool.input.parse(tool.example));
    expect([...scopes].filter((scope) => !tool.reads.includes(scope))).toEqual([]);
    if (tool.source.scope !== null) expect(tool.reads).toContain(tool.source.scope);
  });
});

describe.each(writes)('the write %s', (name, tool) => {
  test('needs no scope that it does not name, for the card and for reading back', async () => {
    const { noted, scopes } = noting(reader);
    const input = tool.input.parse(tool.example);
    await tool.read(noted, input);
    await tool.readBack(noted, input, attempt).catch(() => undefined);
    expect([...scopes].filter((scope) => !tool.reads.includes(scope))).toEqual([]);
  });

  test('says the same in its source and in its call', async () => {
    const { input, before } = await held(tool, tool.example);
    const call = tool.call(input, binding, before);
    expect(call.method).toBe(tool.source.method);
    const pattern = tool.source.path.replace(/\{[^}]+\}/g, '[A-Za-z0-9-]+');
    expect(call.path).toMatch(new RegExp(`^${pattern}$`));
  });

  test('makes the same call, state and summary from what was stored', async () => {
    const { input, before } = await held(tool, tool.example);
    const again = tool.input.parse(JSON.parse(JSON.stringify(input)));
    expect(again).toEqual(input);
    expect(tool.call(again, binding, before)).toEqual(tool.call(input, binding, before));
    expect(stillHolds(tool, input, before, before)).toEqual({ holds: true });
    const keys = tool.watched(input, before).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(JSON.stringify(stateOf(tool, input, before))).not.toContain('readAt');
    const nulls = JSON.stringify(tool.call(input, binding, before).body).match(/:null/g);
    expect(nulls).toBeNull();
  });

  test('is admitted with its example, with a reason for its risk and a title that starts with a verb', async () => {
    const { input, before } = await held(tool, tool.example);
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.risk(input, before).reasons.length).toBeGreaterThan(0);
    const { title, target, lines, effect } = tool.summarize(input, before);
    expect(title).toMatch(
      /^(Acknowledge|Add|Ask|Change|Create|Delete|Group|Open|Publish|Put|Remove|Replace|Send|Start|Stop|Take) /,
    );
    expect(target).not.toBe('');
    expect(lines.length).toBeGreaterThan(0);
    expect(effect.lines.length).toBeGreaterThan(0);
    expect(tool.touches(input, before).subjects[0]).toMatch(/^[a-z0-9_]+:[A-Za-z0-9_-]+$/);
  });

  test('can be replaced by a newer ask only when repeating it sets the same value', async () => {
    const { input } = await held(tool, tool.example);
    if (tool.annotations.idempotentHint) expect(tool.supersedes(input)).not.toBeNull();
    else if (name !== 'manage_incidents') expect(tool.supersedes(input)).toBeNull();
  });

  test('is undone by a tool that exists and takes that input, or says why not', async () => {
    const { input, before } = await held(tool, tool.example);
    const undo: Undo = tool.undo(input, before, null);
    if (!undo.possible) expect(undo.because).toMatch(/\.$/);
    else expect(undo.input === null || findWriteTool(undo.tool)?.input.safeParse(undo.input).success).toBe(true);
    if (undo.possible) expect(findWriteTool(undo.tool)).toBeDefined();
  });

  test('makes a call that PagerDuty’s own description allows', apiDocument().needed, async () => {
    const { input, before } = await held(tool, tool.example);
    const { method, path, body } = tool.call(input, binding, before);
    expect(judge?.request(method, path, new URLSearchParams(), body)).toEqual([]);
  });
});
