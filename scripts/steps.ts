import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, buildState } from '#run/build.ts';
import { ensureBrowser } from './browser.ts';
import { SKIPPED_REPORT } from './skipped-reporter.ts';

/** What one part of the tests came to. */
interface Part {
  name: string;
  seconds: number;
  passed: number;
  failed: number;
  skipped: number;
}

type Counts = Pick<Part, 'passed' | 'failed' | 'skipped'>;

const UNIT_REPORT = 'reports/unit.json';
const E2E_REPORT = 'reports/e2e.json';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function bin(name: string): string {
  return join('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
}

interface Ran {
  ok: boolean;
  output: string;
}

/** Runs a tool that npm installed; `show` passes its output on as it comes. */
async function run(name: string, args: string[], show: boolean): Promise<Ran> {
  const child = spawn(bin(name), args, {
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    shell: process.platform === 'win32',
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((done) => {
    child.once('error', () => done(1));
    child.once('close', done);
  });
  return { ok: code === 0, output };
}

async function timed(name: string, work: () => Promise<Counts>): Promise<Part> {
  const startedAt = performance.now();
  const counts = await work();
  const part = { name, seconds: (performance.now() - startedAt) / 1000, ...counts };
  say(`${part.failed === 0 ? 'ok  ' : 'FAIL'} ${name} (${part.seconds.toFixed(1)} s)`);
  return part;
}

/** A step that is right or wrong; what it said is shown only when it is wrong. */
function step(name: string, work: () => Promise<Ran>): Promise<Part> {
  return timed(name, async () => {
    const { ok, output } = await work();
    if (!ok) say(output.trimEnd());
    return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  });
}

async function checkTypes(): Promise<Ran> {
  const generated = existsSync('next.config.ts') ? await run('next', ['typegen'], false) : { ok: true, output: '' };
  return generated.ok ? await run('tsc', ['--noEmit', '-p', '.'], false) : generated;
}

async function staticChecks(): Promise<Part[]> {
  return await Promise.all([
    step('types', checkTypes),
    step('lint and format', () => run('biome', ['check', '.'], false)),
    step('unused code and dependencies', () => run('knip', [], false)),
  ]);
}

async function readReport(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));
}

function count(report: unknown, path: readonly string[]): number {
  let at = report;
  for (const name of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  return typeof at === 'number' ? at : 0;
}

/** A runner that failed without a failed test, e.g. on a file it could not load, counts as one failure. */
function counted(ok: boolean, counts: Counts): Counts {
  return { ...counts, failed: ok ? counts.failed : Math.max(counts.failed, 1) };
}

async function unitTests(): Promise<Part> {
  return await timed('unit and integration tests', async () => {
    await Promise.all([UNIT_REPORT, SKIPPED_REPORT].map((file) => rm(file, { force: true })));
    const reporters = ['default', './scripts/skipped-reporter.ts', 'json'].map((name) => `--reporter=${name}`);
    const { ok } = await run('vitest', ['run', ...reporters, `--outputFile.json=${UNIT_REPORT}`], true);
    const report = await readReport(UNIT_REPORT);
    return counted(ok, {
      passed: count(report, ['numPassedTests']),
      failed: count(report, ['numFailedTests']),
      skipped: count(report, ['numPendingTests']),
    });
  });
}

async function buildStep(): Promise<Part> {
  return await step('build', async () => ((await buildState()) === 'fresh' ? { ok: true, output: '' } : await build()));
}

async function browserTests(): Promise<Part> {
  return await timed('browser tests', async () => {
    const problem = ensureBrowser(say);
    if (problem !== null) {
      say(problem);
      return { passed: 0, failed: 1, skipped: 0 };
    }
    await rm(E2E_REPORT, { force: true });
    const { ok } = await run('playwright', ['test', '--pass-with-no-tests'], true);
    const report = await readReport(E2E_REPORT);
    return counted(ok, {
      passed: count(report, ['stats', 'expected']),
      failed: count(report, ['stats', 'unexpected']),
      skipped: count(report, ['stats', 'skipped']),
    });
  });
}

function outcome({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The plain last line is for machines and tired people alike; what it does not stand for is said right above it. */
async function conclude(parts: Part[]): Promise<number> {
  const sum = (field: keyof Counts) => parts.reduce((total, part) => total + part[field], 0);
  const all = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  say('');
  for (const part of parts) {
    say(`${part.name.padEnd(30)} ${part.seconds.toFixed(1).padStart(6)} s  ${outcome(part)}`);
  }
  say('');
  const skipped = await readFile(SKIPPED_REPORT, 'utf8').catch(() => '');
  if (skipped !== '') say(skipped);
  say(outcome(all));
  return all.failed === 0 ? 0 : 1;
}

/** `npm run check`: what must hold before a push. @returns the exit code. */
export async function runChecks(): Promise<number> {
  await mkdir('reports', { recursive: true });
  return await conclude([...(await staticChecks()), await unitTests()]);
}

/** `npm test`: everything, also in a browser. @returns the exit code. */
export async function runEverything(): Promise<number> {
  await mkdir('reports', { recursive: true });
  const parts = [...(await staticChecks()), await unitTests(), await buildStep()];
  const built = parts.at(-1)?.failed === 0;
  if (built) parts.push(await browserTests());
  else say('The browser tests need the build, so they did not run.');
  return await conclude(parts);
}
