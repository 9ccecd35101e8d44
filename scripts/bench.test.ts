import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Figure } from './bench/figures.ts';

let folder = '';
let child: ChildProcess | null = null;

afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

test('every part of the benchmark runs to its end and gives its figures', { timeout: 300_000 }, async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const file = join(folder, 'figures.json');
  child = spawn(process.execPath, ['--import', 'tsx', 'scripts/bench.ts', '--smoke', '--json', file], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout?.on('data', (chunk) => {
    printed += String(chunk);
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  const { figures }: { figures: (Figure & { part: string })[] } = JSON.parse(await readFile(file, 'utf8'));
  expect([...new Set(figures.map(({ part }) => part))]).toEqual([
    'slack',
    'readings',
    'throughput',
    'cost',
    'catalogue',
    'decisions',
    'waiting',
  ]);
  // What is not a number is null in JSON.
  expect(figures.filter(({ value }) => typeof value !== 'number')).toEqual([]);
  expect(figures.filter(({ name }) => !printed.includes(name))).toEqual([]);
});
