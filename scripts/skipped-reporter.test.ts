import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

const TESTS = `
import { describe, test } from 'vitest';
const atlas = { skip: true, meta: { lacks: 'There is no atlas.' } };
const tide = { skip: true, meta: { lacks: 'There is no tide table.' } };
describe('the map', atlas, () => {
  test('has the coast', () => undefined);
  test('has the harbour', () => undefined);
});
test('sails at high water', tide, () => undefined);
test('sails at night', atlas, () => undefined);
test('sails for another reason', { skip: true }, () => undefined);
test('sails', () => undefined);
`;

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'countersign-skipped-'));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await writeFile(join(project, 'voyage.test.js'), TESTS);
});

afterEach(async () => {
  await rm(project, { recursive: true, force: true });
});

test('ends the run of the tests with what did not run because something is not at hand, and how much', async () => {
  const reporters = ['default', join(root, 'scripts/skipped-reporter.ts')].map((name) => `--reporter=${name}`);
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters], {
    cwd: project,
    env: { PATH: process.env.PATH, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(child.exitCode).toBe(0);
  expect(said.split('\n').slice(-4)).toEqual([
    '',
    'SKIPPED: 3 tests in 2 suites did not run. There is no atlas.',
    'SKIPPED: 1 test in 1 suite did not run. There is no tide table.',
    '',
  ]);
});
