import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { TEST_SERVER_VARIABLE } from '#db/test-database.ts';
import { broken, type Mutant, switchable } from './mutants.ts';

export const NOT_COPIED = new Set(['node_modules', '.git', '.next', '.countersign', 'reports', 'test-results']);
/** A mutant with which no test file ends within that turns round and round. */
const SILENCE_MS = 600_000;

// The catalogue is loaded once for all mutants of a file, and compiled once for all files.
const CONFIG = `import { join } from 'node:path';
const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
const failed = (file) => [...file.children.allTests('failed')][0]?.fullName ?? (file.ok() ? null : 'none could begin');
export default {
  cacheDir: join(import.meta.dirname, '.cache'),
  test: {
    include: ['**/*.mutant-*.test.{ts,tsx}'],
    // Threads end with their process, whatever they are at.
    pool: 'threads', maxWorkers: 1, isolate: false, testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } },
    experimental: { fsModuleCache: true, fsModuleCachePath: join(import.meta.dirname, '.cache', 'modules') },
    reporters: [{
      onTestModuleStart: (file) => say({ begun: file.moduleId }),
      onTestModuleEnd: (file) => say({ ended: file.moduleId, failed: failed(file) }),
    }],
  },
};
`;

/** What vitest says there of a test file. */
type Line = { begun: string } | { ended: string; failed: string | null };

export interface Case {
  file: string;
  mutant: Mutant;
  /** By which it is switched on; 0 = nothing is broken. */
  number: number;
  /** The test that failed; null = none did so far. */
  noticed: string | null;
}

/** Stands before a test file, which is then about one mutant and ends with its first failure. */
const preface = (number: number, first: string) => `import * as every from 'vitest';
import { writeFileSync as put } from 'node:fs';
globalThis.mutant = ${number};
${first}
let noticed = false;
every.beforeEach(({ skip }) => skip(noticed));
every.afterEach(({ task }) => { noticed ||= task.result?.state === 'fail'; });
`;

/** A copy of the product in which one thing after another is broken. */
export class Lane {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-mutation-')));
  readonly #root: string;
  readonly #serverUrl: string;

  constructor(root: string, serverUrl: string) {
    this.#root = root;
    this.#serverUrl = serverUrl;
    const filter = (from: string) => !NOT_COPIED.has(relative(root, from));
    cpSync(root, this.folder, { recursive: true, filter });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    writeFileSync(join(this.folder, 'vitest.config.ts'), CONFIG);
  }

  /**
   * Asks tests about the mutants of one file, the nearest first, and notes what they notice. What one has noticed the
   * next is not asked.
   * @throws Error for a test that fails when nothing is broken.
   */
  async judge(file: string, cases: readonly Case[], tests: readonly string[]): Promise<void> {
    const target = join(this.folder, file);
    const intact = readFileSync(target, 'utf8');
    const isSql = file.endsWith('.sql');
    const [atOnce, alone] = [cases.filter(({ mutant }) => !mutant.once), cases.filter(({ mutant }) => mutant.once)];
    const numbered = atOnce.map(({ mutant, number }) => ({ ...mutant, number }));
    for (const test of tests) {
      if (!isSql) writeFileSync(target, switchable(intact, numbered));
      const left = atOnce.filter(({ noticed }) => noticed === null);
      // What is wrong in SQL cannot be switched on: the test file itself puts it there.
      const texts = new Map([[0, intact], ...left.map((one) => [one.number, broken(intact, one.mutant)] as const)]);
      const put = ([number, text]: readonly [number, string]) =>
        [number, isSql ? `put(${JSON.stringify(target)}, ${JSON.stringify(text)});` : ''] as const;
      await this.#ask(test, left, new Map([...texts].map(put)));
      for (const one of alone.filter(({ noticed }) => noticed === null)) {
        writeFileSync(target, broken(intact, one.mutant));
        await this.#ask(test, [one], new Map([[one.number, '']]));
      }
      writeFileSync(target, intact);
    }
  }

  /** @param prefaces what each test file does first, by its number. */
  async #ask(test: string, cases: readonly Case[], prefaces: ReadonlyMap<number, string>): Promise<void> {
    if (cases.length === 0) return;
    const text = readFileSync(join(this.folder, test), 'utf8');
    const fileOf = (number: number) => join(this.folder, test.replace(/\.test\./, `.mutant-${number}.test.`));
    const waiting = new Map([...prefaces.keys()].map((number) => [fileOf(number), number]));
    for (const [number, first] of prefaces) writeFileSync(fileOf(number), `${preface(number, first)}${text}`);
    while (waiting.size > 0) {
      const before = waiting.size;
      await this.#run(waiting, (number, failed) => {
        if (number === 0 && failed !== null) throw new Error(`${test} fails when nothing is broken: ${failed}`);
        for (const one of cases) if (one.number === number) one.noticed = failed;
      });
      if (waiting.size === before) throw new Error(`${test} cannot be run`);
    }
    for (const number of prefaces.keys()) rmSync(fileOf(number));
  }

  /** Runs what waits until all is done or one thing hangs; takes out what is over. */
  async #run(waiting: Map<string, number>, over: (number: number, failed: string | null) => void): Promise<void> {
    const vitest = join(this.#root, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', ...[...waiting.keys()].map((file) => relative(this.folder, file))];
    const env = { ...process.env, [TEST_SERVER_VARIABLE]: this.#serverUrl };
    const child = spawn(process.execPath, args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
    const end = () => child.kill('SIGKILL');
    let timer = setTimeout(end, SILENCE_MS);
    let current: string | null = null;
    const take = (file: string, failed: string | null) => {
      const number = waiting.get(file);
      if (waiting.delete(file) && number !== undefined) over(number, failed);
    };
    try {
      for await (const text of createInterface({ input: child.stdout })) {
        if (!text.startsWith('{"')) continue;
        const line: Line = JSON.parse(text);
        clearTimeout(timer);
        timer = setTimeout(end, SILENCE_MS);
        current = 'begun' in line ? line.begun : null;
        if ('ended' in line) take(line.ended, line.failed);
        if (waiting.size === 0) break;
      }
      if (current !== null) take(current, 'it hung');
    } finally {
      clearTimeout(timer);
      end();
    }
  }
}
