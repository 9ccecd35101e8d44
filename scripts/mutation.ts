import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTestServer } from '#db/test-database.ts';
import { type Case, Lane, NOT_COPIED } from './mutation/lane.ts';
import { mutantsOf } from './mutation/mutants.ts';
import { nearTests } from './mutation/near-tests.ts';

/**
 * Breaks a copy of the product in one way after another and sees whether the unit tests notice. What can be broken is
 * read from the source itself, so a new guard is asked about without anybody listing it.
 */

const root = join(import.meta.dirname, '..');
/** Where rules stand. What is only shown (`views`) can be asked about by name. */
const RULES = [
  ...['approvals/', 'identity/', 'outbox/', 'pagerduty/strict-json.ts'],
  ...['db/migrations/0001_guards.sql', 'db/migrations/0002_asking.sql'],
];
const NO_RULES = /\.test\.tsx?$|^approvals\/(?:views|testing|proof|main\.ts)/;
const AIM = 0.85;

const say = (text: string) => process.stdout.write(`${text}\n`);

const cut = (text: string) => (text.length > 90 ? `${text.slice(0, 90)}…` : text);

function described({ file, mutant: { line, was, becomes } }: Case): string {
  const now = becomes === '' ? 'nothing' : cut(becomes.replaceAll(/\s+/g, ' '));
  return `${file}:${line}  ${cut(was)}  =>  ${now}`;
}

/** Tells the share of the mutants that a test noticed. */
function score(name: string, cases: readonly Case[]): number {
  const noticed = cases.filter((one) => one.noticed !== null).length;
  const share = cases.length === 0 ? 1 : noticed / cases.length;
  say(`${name}: ${noticed} of ${cases.length} noticed, ${(100 * share).toFixed(1)} %`);
  return share;
}

/** A file that is broken, with the tests that should notice. */
interface Job {
  file: string;
  cases: Case[];
  tests: string[];
  /** Of so many the source says why no test can notice. */
  excused: number;
}

const folderOf = ({ file }: Pick<Case, 'file'>) => file.split('/')[0] ?? '';

/** @returns whether it is as it should be. */
function summarize(jobs: readonly Job[]): boolean {
  const cases = jobs.flatMap((job) => job.cases);
  say('');
  for (const folder of new Set(cases.map(folderOf))) {
    const some = cases.filter((one) => folderOf(one) === folder);
    score(folder, some);
  }
  const share = score('All', cases);
  const excused = jobs.reduce((sum, job) => sum + job.excused, 0);
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
function jobsOf(only: readonly string[]): Job[] {
  const files = sourceFiles();
  const near = nearTests(root, files);
  const asked = only.length === 0 ? RULES : only;
  return asked
    .flatMap((part) => files.filter((file) => file.startsWith(part) && (file === part || !NO_RULES.test(file))))
    .map((file) => {
      const mutants = mutantsOf(file, readFileSync(join(root, file), 'utf8'));
      const counted = mutants.filter(({ unnoticed }) => unnoticed === null);
      const cases = counted.map((mutant, index) => ({ file, mutant, number: index + 1, noticed: null }));
      return { file, cases, tests: near(file), excused: mutants.length - cases.length };
    });
}

/**
 * @param args beginnings of paths; `--lanes`: how many files are asked about at once; `--tests`: how many test files may
 *   notice, which should stand near.
 * @returns the exit code.
 */
export async function runMutations(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { lanes: { type: 'string', default: '2' }, tests: { type: 'string', default: '3' } },
    allowPositionals: true,
  });
  const jobs = jobsOf(positionals);
  say(`${jobs.flatMap(({ cases }) => cases).length} mutants in ${jobs.length} files.`);
  const waiting = [...jobs];
  const work = async (lane: Lane) => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      await lane.judge(job.file, job.cases, job.tests.slice(0, Number(values.tests)));
      score(job.file, job.cases);
      for (const one of job.cases) if (one.noticed === null) say(`  survived ${described(one)}`);
    }
  };
  const server = await startTestServer();
  const lanes = Array.from({ length: Number(values.lanes) }, () => new Lane(root, server.url));
  try {
    await Promise.all(lanes.map(work));
    return summarize(jobs) ? 0 : 1;
  } finally {
    for (const { folder } of lanes) rmSync(folder, { recursive: true, force: true });
    await server.stop();
  }
}
