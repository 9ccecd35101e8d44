import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { startTestServer, TEST_SERVER_VARIABLE } from '#db/test-database.ts';
import { broken, type Mutant, mutantsOf } from './mutation/mutants.ts';
import { nearTests } from './mutation/near-tests.ts';

/**
 * Breaks a copy of the product in one way after another and sees whether the unit tests notice. What can be broken is
 * read from the source itself, so a new guard is asked about without anybody listing it.
 */

const root = join(import.meta.dirname, '..');
const NOT_COPIED = new Set(['node_modules', '.git', '.next', '.countersign', 'reports', 'test-results']);
/** Where rules stand. What is only shown (`views`) can be asked about by name. */
const RULES = [
  ...['approvals/', 'identity/', 'outbox/', 'pagerduty/strict-json.ts'],
  ...['db/migrations/0001_guards.sql', 'db/migrations/0002_asking.sql'],
];
const NO_RULES = /\.test\.tsx?$|^approvals\/(?:views|testing|proof|main\.ts)/;
const AIM = 0.85;
/** For a mutant that turns round and round; one that waits for ever ends sooner, by the time its test has. */
const TIMEOUT_MS = 900_000;

// Stops at the first failure. One mutant leaves all files but one as they were, so they are compiled only once.
const CONFIG = `import { join } from 'node:path';
export default {
  cacheDir: join(import.meta.dirname, '.cache'),
  test: {
    bail: 1, testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } },
    maxWorkers: 1, isolate: false,
    experimental: { fsModuleCache: true, fsModuleCachePath: join(import.meta.dirname, '.cache', 'modules') },
  },
};
`;

function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-mutation-'));
  const filter = (from: string) => !NOT_COPIED.has(relative(root, from));
  cpSync(root, folder, { recursive: true, filter });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'vitest.config.ts'), CONFIG);
  return folder;
}

/** Runs test files in a copy. @returns the test that failed first, or why none could; null = all passed. */
async function failing(folder: string, tests: readonly string[], serverUrl: string): Promise<string | null> {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', ...tests, '--reporter=json', `--outputFile=${report}`];
  const env = { ...process.env, [TEST_SERVER_VARIABLE]: serverUrl };
  const passed = await new Promise<boolean>((done) => {
    execFile(process.execPath, args, { cwd: folder, env, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 }, (error) =>
      done(error === null),
    );
  });
  if (passed) return null;
  try {
    const { testResults }: { testResults: { assertionResults: { status: string; fullName: string }[] }[] } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const failed = testResults.flatMap((file) => file.assertionResults).find(({ status }) => status === 'failed');
    return failed?.fullName ?? 'before any test';
  } catch {
    return 'time';
  }
}

interface Case {
  file: string;
  mutant: Mutant;
  tests: readonly string[];
}

/** The nearest test first, alone: most mutants need no other. @returns what noticed; null = it survived. */
async function judge(folder: string, { file, mutant, tests }: Case, serverUrl: string): Promise<string | null> {
  const target = join(folder, file);
  const intact = readFileSync(target, 'utf8');
  writeFileSync(target, broken(intact, mutant));
  try {
    for (const some of [tests.slice(0, 1), tests.slice(1)]) {
      const noticed = some.length === 0 ? null : await failing(folder, some, serverUrl);
      if (noticed !== null) return noticed;
    }
    return null;
  } finally {
    writeFileSync(target, intact);
  }
}

const say = (text: string) => process.stdout.write(`${text}\n`);

const cut = (text: string) => (text.length > 90 ? `${text.slice(0, 90)}…` : text);

function described({ file, mutant: { line, was, to } }: Case): string {
  return `${file}:${line}  ${cut(was)}  =>  ${to === '' || to === ';' ? 'nothing' : cut(to)}`;
}

interface Outcome extends Case {
  noticed: string | null;
}

/** @returns the share of the mutants that a test noticed, which it tells. */
function score(name: string, outcomes: readonly Outcome[]): number {
  const noticed = outcomes.filter((one) => one.noticed !== null).length;
  const share = outcomes.length === 0 ? 1 : noticed / outcomes.length;
  say(`${name}: ${noticed} of ${outcomes.length} noticed, ${(100 * share).toFixed(1)} %`);
  return share;
}

const folderOf = (file: string) => file.split('/')[0] ?? '';

/** Says what survived and how many did not. @returns whether that is as it should be. */
function summarize(outcomes: readonly Outcome[], excused: number): boolean {
  const survivors = outcomes.filter(({ noticed }) => noticed === null);
  say(`\n${survivors.length} survived:`);
  for (const one of survivors) say(`  ${described(one)}`);
  say('');
  for (const folder of new Set(outcomes.map(({ file }) => folderOf(file)))) {
    score(
      folder,
      outcomes.filter(({ file }) => folderOf(file) === folder),
    );
  }
  const share = score('All', outcomes);
  say(`The aim is ${AIM * 100} %. Not counted: ${excused} of which the source says why no test can notice.`);
  return share >= AIM;
}

function sourceFiles(): string[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory());
  return folders
    .filter(({ name }) => !NOT_COPIED.has(name))
    .flatMap(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((one) => join(name, one)),
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(?:tsx?|sql)$/.test(path))
    .sort();
}

/** @param only beginnings of paths; none = where rules stand. */
function casesOf(only: readonly string[]): Case[] {
  const files = sourceFiles();
  const near = nearTests(root, files);
  const asked = only.length === 0 ? RULES : only;
  return files
    .filter((file) => asked.some((part) => file.startsWith(part)) && (only.includes(file) || !NO_RULES.test(file)))
    .flatMap((file) => {
      const tests = near(file);
      return mutantsOf(file, readFileSync(join(root, file), 'utf8')).map((mutant) => ({ file, mutant, tests }));
    });
}

/** @param args beginnings of paths, and `--lanes` how many mutants are tried at once. @returns the exit code. */
export async function runMutations(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { lanes: { type: 'string', default: '2' } },
    allowPositionals: true,
  });
  const all = casesOf(positionals);
  const waiting = all.filter(({ mutant }) => mutant.unnoticed === null);
  const excused = all.length - waiting.length;
  const server = await startTestServer();
  const folders = Array.from({ length: Number(values.lanes) }, makeCopy);
  try {
    const asked = [...new Set(waiting.flatMap(({ tests }) => tests))];
    say(`${waiting.length} mutants, ${asked.length} test files.`);
    const before = await failing(folders[0] ?? '', asked, server.url);
    if (before !== null) {
      say(`The tests fail without any mutation (${before}); mend them first.`);
      return 1;
    }
    const outcomes: Outcome[] = [];
    const lane = async (folder: string) => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const noticed = await judge(folder, one, server.url);
        outcomes.push({ ...one, noticed });
        say(
          `${noticed === null ? 'SURVIVED' : 'noticed '} ${described(one)}${noticed === null ? '' : `  (${noticed})`}`,
        );
      }
    };
    await Promise.all(folders.map(lane));
    return summarize(outcomes, excused) ? 0 : 1;
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await server.stop();
  }
}
