import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, buildState } from '#run/build.ts';
import { ensureBrowser } from './browser.ts';

/** What one part of the tests came to. */
interface Part {
  name: string;
  seconds: number;
  passed: number;
  failed: number;
}

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

async function timed(name: string, work: () => Promise<{ passed: number; failed: number }>): Promise<Part> {
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
    return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
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
function counted(ok: boolean, passed: number, failed: number) {
  return { passed, failed: ok ? failed : Math.max(failed, 1) };
}

async function unitTests(): Promise<Part> {
  return await timed('unit and integration tests', async () => {
    await rm(UNIT_REPORT, { force: true });
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`];
    const { ok } = await run('vitest', ['run', ...reporters], true);
    const report = await readReport(UNIT_REPORT);
    return counted(ok, count(report, ['numPassedTests']), count(report, ['numFailedTests']));
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
      return { passed: 0, failed: 1 };
    }
    await rm(E2E_REPORT, { force: true });
    const { ok } = await run('playwright', ['test', '--pass-with-no-tests'], true);
    const report = await readReport(E2E_REPORT);
    return counted(ok, count(report, ['stats', 'expected']), count(report, ['stats', 'unexpected']));
  });
}

/** The plain last line is for machines and tired people alike. */
function conclude(parts: Part[]): number {
  const sum = (field: 'passed' | 'failed' | 'seconds') => parts.reduce((total, part) => total + part[field], 0);
  say('');
  for (const { name, seconds, passed, failed } of parts) {
    say(`${name.padEnd(30)} ${seconds.toFixed(1).padStart(6)} s  ${passed} passed, ${failed} failed`);
  }
  say('');
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0 ? 0 : 1;
}

/** `npm run check`: what must hold before a push. @returns the exit code. */
export async function runChecks(): Promise<number> {
  await mkdir('reports', { recursive: true });
  return conclude([...(await staticChecks()), await unitTests()]);
}

/** `npm test`: everything, also in a browser. @returns the exit code. */
export async function runEverything(): Promise<number> {
  await mkdir('reports', { recursive: true });
  const parts = [...(await staticChecks()), await unitTests(), await buildStep()];
  const built = parts.at(-1)?.failed === 0;
  if (built) parts.push(await browserTests());
  else say('The browser tests need the build, so they did not run.');
  return conclude(parts);
}
