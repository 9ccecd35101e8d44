import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** What was said last, for those who have something to say after it. */
export const SKIPPED_REPORT = 'reports/skipped.txt';

interface Count {
  tests: number;
  suites: Set<string>;
}

const counted = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`;

function sentences(modules: readonly TestModule[]): string[] {
  const counts = new Map<string, Count>();
  for (const test of modules.flatMap((module) => [...module.children.allTests('skipped')])) {
    const { lacks } = test.meta();
    if (lacks === undefined) continue;
    const count = counts.get(lacks) ?? { tests: 0, suites: new Set() };
    count.tests += 1;
    count.suites.add(test.parent.id);
    counts.set(lacks, count);
  }
  return [...counts].map(([lacks, { tests, suites }]) => {
    return `SKIPPED: ${counted(tests, 'test')} in ${counted(suites.size, 'suite')} did not run. ${lacks}`;
  });
}

/** Says after everything else what did not run because something is not at hand: such a green run proves less. */
export default class SkippedReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const said = sentences(modules);
    await mkdir(dirname(SKIPPED_REPORT), { recursive: true });
    await writeFile(SKIPPED_REPORT, said.map((sentence) => `${sentence}\n`).join(''));
    process.once('exit', () => {
      if (said.length > 0) process.stdout.write(`\n${said.join('\n')}\n`);
    });
  }
}
