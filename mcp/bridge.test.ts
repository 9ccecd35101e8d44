import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createStage, resolvePayments, type Stage } from './testing/stage.ts';

const script = fileURLToPath(new URL('./bridge.mjs', import.meta.url));
let stage: Stage;
const programs: ChildProcess[] = [];
beforeAll(async () => {
  stage = await createStage();
});
afterEach(() => {
  for (const program of programs.splice(0)) program.kill();
});
afterAll(() => stage.close());

const environment = () => ({ COUNTERSIGN_URL: stage.server.url, COUNTERSIGN_TOKEN: stage.tokens.triage });

function start(env: Record<string, string>, args: string[] = []) {
  const program = spawn(process.execPath, [script, ...args], { env: { ...env, NODE_ENV: 'test' }, stdio: 'pipe' });
  programs.push(program);
  const lines: string[] = [];
  createInterface({ input: program.stdout }).on('line', (line) => lines.push(line));
  let complaint = '';
  program.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  return { program, lines, complaint: () => complaint, say: (line: string) => program.stdin.write(`${line}\n`) };
}

describe('a client that starts its servers as programs', () => {
  test('reaches Countersign with the 2025 protocol', async () => {
    const client = new OldClient({ name: 'old', version: '1.0.0' });
    await client.connect(new OldStdio({ command: process.execPath, args: [script], env: environment() }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('manage_incidents');
    const steps: number[] = [];
    const result = await client.callTool({ name: 'manage_incidents', arguments: resolvePayments }, undefined, {
      onprogress: ({ progress }) => {
        steps.push(progress);
        if (steps.length === 2) void stage.waiting().then((row) => stage.deny(row));
      },
    });
    expect(result).toMatchObject({ isError: true, structuredContent: { status: 'denied', executed: false } });
    await client.close();
  });

  test('reaches Countersign with the 2026 protocol', async () => {
    const client = new ModernClient(
      { name: 'modern', version: '1.0.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new ModernStdio({ command: process.execPath, args: [script], env: environment() }));
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const result = await client.callTool({ name: 'list_my_requests', arguments: {} });
    expect(result.isError ?? false).toBe(false);
    await client.close();
  });
});

test('every byte of a call arrives, so a key given twice is refused and not resolved on the way', async () => {
  const { say, lines } = start(environment());
  say('{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_incident","arguments":{"a":1,"a":2}}}');
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: 3, result: { isError: true } });
  expect(lines[0]).toContain('given twice');
});

test('a cancelled call ends its wait and is not answered; the request stays', async () => {
  const { say, lines } = start(environment());
  const params = { name: 'manage_incidents', arguments: resolvePayments, _meta: { progressToken: 'p' } };
  say(JSON.stringify({ jsonrpc: '2.0', id: 4, method: 'tools/call', params }));
  const row = await stage.waiting();
  await expect.poll(() => stage.server.waiting()).toBe(1);
  say(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 4 } }));
  await expect.poll(() => stage.server.waiting()).toBe(0);
  say(JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'ping' }));
  await expect.poll(() => lines.map((line) => JSON.parse(line).id)).toContain(5);
  expect(lines.map((line) => JSON.parse(line).id)).not.toContain(4);
  expect(await stage.waiting()).toMatchObject({ id: row.id, deliveredAt: null });
});

test.each([
  ['a refused credential', { COUNTERSIGN_TOKEN: 'wrong' }, 'not accepted'],
  ['nobody listening', { COUNTERSIGN_URL: 'http://127.0.0.1:9/mcp' }, 'was lost before it answered'],
])('%s is an error of the call, in words', async (_, change, words) => {
  const { say, lines } = start({ ...environment(), ...change });
  say('{"jsonrpc":"2.0","id":9,"method":"tools/list"}');
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: 9, error: { message: expect.stringContaining(words) } });
});

test('without a client it ends', async () => {
  const { program } = start(environment());
  program.stdin.end();
  expect(await once(program, 'exit')).toEqual([0, null]);
});

test.each([
  ['no address', { COUNTERSIGN_URL: '' }, [], 'COUNTERSIGN_URL must be'],
  ['no credential', { COUNTERSIGN_TOKEN: '' }, [], 'COUNTERSIGN_TOKEN must be'],
  ['a credential where every user sees it', {}, ['csa_x'], 'It takes no arguments'],
])('with %s it says so in one sentence and ends', async (_, change, args, words) => {
  const { program, complaint, lines } = start({ ...environment(), ...change }, args);
  expect(await once(program, 'close')).toEqual([1, null]);
  expect(complaint()).toMatch(new RegExp(`^countersign-mcp: ${words}.+\\n$`));
  expect(lines).toEqual([]);
});
