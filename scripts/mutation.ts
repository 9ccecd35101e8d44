import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, TEST_SERVER_VARIABLE } from '#db/test-database.ts';
import type { Guard } from './mutation-guard.ts';
import { GUARDS, TESTS } from './mutation-guards.ts';

/**
 * Takes one guard after another out of a copy of the product and sees whether the unit tests notice. A general
 * mutation tester would need hours here, since most tests talk to a real PostgreSQL; this asks about what matters.
 */

const root = join(import.meta.dirname, '..');
const COPIED = ['approvals', 'db', 'pagerduty', 'package.json', 'tsconfig.json'];
const LANES = 2;
const AIM = 0.8;
const TIMEOUT_MS = 180_000;

// Stops at the first failure, and a mutant that hangs is noticed soon.
const CONFIG = `export default {
  test: { bail: 1, testTimeout: 20_000, hookTimeout: 60_000, fileParallelism: false },
};
`;

type Fate = 'killed' | 'survived' | 'broken';

function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-mutation-'));
  for (const part of COPIED) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'vitest.config.mjs'), CONFIG);
  return folder;
}

/** What vitest says of some test files in a copy; a copy that cannot even be loaded is `broken`. */
async function runTests(folder: string, names: readonly string[], serverUrl: string): Promise<Fate> {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const files = names.map((name) => `approvals/${name}.test.ts`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', ...files, '--reporter=json', `--outputFile=${report}`];
  const env = { ...process.env, [TEST_SERVER_VARIABLE]: serverUrl };
  const passed = await new Promise<boolean>((done) => {
    execFile(process.execPath, args, { cwd: folder, env, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 }, (error) =>
      done(error === null),
    );
  });
  if (passed) return 'survived';
  try {
    const { numFailedTests, numPassedTests }: { numFailedTests: number; numPassedTests: number } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    return numFailedTests + numPassedTests > 0 ? 'killed' : 'broken';
  } catch {
    // No report: vitest was ended because the mutant hung.
    return 'killed';
  }
}

const named = ({ file, without }: Guard) => `${file}: without ${without}`;

/** The pieces around the guard; two, if it stands there exactly once. */
function around({ file, find }: Guard): string[] {
  return readFileSync(join(root, 'approvals', file), 'utf8').split(find);
}

async function judge(folder: string, guard: Guard, serverUrl: string): Promise<Fate> {
  const target = join(folder, 'approvals', guard.file);
  const intact = readFileSync(target, 'utf8');
  writeFileSync(target, around(guard).join(guard.replace));
  try {
    for (const name of TESTS[guard.file] ?? []) {
      const fate = await runTests(folder, [name], serverUrl);
      if (fate !== 'survived') return fate;
    }
    return 'survived';
  } finally {
    writeFileSync(target, intact);
  }
}

/** Guards that another one stands in for are shown, and do not count. */
function summarize(fates: readonly Fate[]): number {
  const killed = fates.filter((fate) => fate === 'killed').length;
  const score = fates.length === 0 ? 0 : killed / fates.length;
  const percent = (score * 100).toFixed(1);
  process.stdout.write(
    `\n${killed} of ${fates.length} guards are missed by a test when taken away: ${percent} %, aim ${AIM * 100} %.\n`,
  );
  return score >= AIM && !fates.includes('broken') ? 0 : 1;
}

/** @param only parts of `file: guard` names; default all. @returns the exit code. */
export async function runMutations(only: readonly string[]): Promise<number> {
  const guards = GUARDS.filter((guard) => only.length === 0 || only.some((part) => named(guard).includes(part)));
  const lost = guards.filter((guard) => around(guard).length !== 2);
  for (const guard of lost)
    process.stdout.write(`does not stand there exactly once: ${named(guard)}\n  ${guard.find}\n`);
  if (lost.length > 0) return 1;
  const server = await startTestServer();
  const folders = Array.from({ length: LANES }, makeCopy);
  try {
    const all = [...new Set(guards.flatMap(({ file }) => TESTS[file] ?? []))];
    if ((await runTests(folders[0] ?? '', all, server.url)) !== 'survived') {
      process.stdout.write('The tests fail without any mutation; mend them first.\n');
      return 1;
    }
    const waiting = [...guards];
    const fates: Fate[] = [];
    const lanes = folders.map(async (folder) => {
      for (let guard = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
        const fate = await judge(folder, guard, server.url);
        if (guard.otherwise === undefined) fates.push(fate);
        const otherwise = guard.otherwise === undefined ? '' : ` (also held by: ${guard.otherwise})`;
        process.stdout.write(`${fate.padEnd(9)} ${named(guard)}${otherwise}\n`);
      }
    });
    await Promise.all(lanes);
    return summarize(fates);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await server.stop();
  }
}
