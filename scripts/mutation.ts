import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-mutation-')));
  const filter = (from: string) => !NOT_COPIED.has(relative(root, from));
  cpSync(root, folder, { recursive: true, filter });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'vitest.config.ts'), CONFIG);
  return folder;
}

interface Case {
  file: string;
  mutant: Mutant;
  /** Those that should notice, the likeliest first. */
  tests: readonly string[];
}

/** What noticed that something is broken. */
interface Notice {
  /** The test file; null where none got that far. */
  by: string | null;
  test: string;
}

/** What vitest reports, as far as it is read here. */
interface Report {
  testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
}

/** Breaks one thing after another in a copy of its own. */
class Lane {
  readonly folder = makeCopy();
  readonly #serverUrl: string;
  /** Test files that were seen to pass when nothing is broken. */
  readonly #sound: Set<string>;

  constructor(serverUrl: string, sound: Set<string>) {
    this.#serverUrl = serverUrl;
    this.#sound = sound;
  }

  /**
   * The nearest test first, alone: most mutants need no other.
   * @returns what noticed; null = it survived.
   * @throws Error for a test that fails without any mutation.
   */
  async judge({ file, mutant, tests }: Case): Promise<Notice | null> {
    const target = join(this.folder, file);
    const intact = readFileSync(target, 'utf8');
    writeFileSync(target, broken(intact, mutant));
    let notice: Notice | null = null;
    try {
      notice = (await this.#run(tests.slice(0, 1))) ?? (await this.#run(tests.slice(1)));
    } finally {
      writeFileSync(target, intact);
    }
    const { by } = notice ?? { by: null };
    if (by === null || this.#sound.has(by)) return notice;
    const without = await this.#run([by]);
    if (without !== null) throw new Error(`${by} fails without any mutation: ${without.test}`);
    this.#sound.add(by);
    return notice;
  }

  async #run(tests: readonly string[]): Promise<Notice | null> {
    if (tests.length === 0) return null;
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', ...tests, '--reporter=json', `--outputFile=${report}`];
    const env = { ...process.env, [TEST_SERVER_VARIABLE]: this.#serverUrl };
    const options = { cwd: this.folder, env, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 };
    const passed = await new Promise<boolean>((done) => {
      execFile(process.execPath, args, options, (error) => done(error === null));
    });
    if (passed) return null;
    // Without a report vitest was ended because the mutant hung.
    if (!existsSync(report)) return { by: null, test: 'time' };
    const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
    for (const { name, assertionResults } of testResults) {
      const failed = assertionResults.find(({ status }) => status === 'failed');
      if (failed !== undefined) return { by: relative(this.folder, name), test: failed.fullName };
    }
    return { by: tests[0] ?? null, test: 'none could begin' };
  }
}

const say = (text: string) => process.stdout.write(`${text}\n`);

const cut = (text: string) => (text.length > 90 ? `${text.slice(0, 90)}…` : text);

function described({ file, mutant: { line, was, to } }: Case): string {
  return `${file}:${line}  ${cut(was)}  =>  ${to === '' || to === ';' ? 'nothing' : cut(to)}`;
}

interface Outcome extends Case {
  noticed: Notice | null;
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
  return asked
    .flatMap((part) => files.filter((file) => file.startsWith(part) && (file === part || !NO_RULES.test(file))))
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
  say(`${waiting.length} mutants.`);
  const server = await startTestServer();
  const sound = new Set<string>();
  const lanes = Array.from({ length: Number(values.lanes) }, () => new Lane(server.url, sound));
  const outcomes: Outcome[] = [];
  const work = async (lane: Lane) => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const noticed = await lane.judge(one);
      outcomes.push({ ...one, noticed });
      say(noticed === null ? `SURVIVED ${described(one)}` : `noticed  ${described(one)}  (${noticed.test})`);
    }
  };
  try {
    await Promise.all(lanes.map(work));
    return summarize(outcomes, excused) ? 0 : 1;
  } finally {
    for (const { folder } of lanes) rmSync(folder, { recursive: true, force: true });
    await server.stop();
  }
}
