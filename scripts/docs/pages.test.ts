import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTools, writeTools } from '#pagerduty/tools/index.ts';
import { DEVIATIONS } from './deviations.ts';
import { pages } from './pages.ts';
import { stopClock } from './rehearse.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'tools');
const RealDate = Date;
beforeAll(stopClock);
afterAll(() => {
  globalThis.Date = RealDate;
});

describe('the pages about tools', () => {
  test('are what "npm run docs" would write now', async () => {
    const made = await pages();
    expect(readdirSync(FOLDER).sort()).toEqual([...made.keys()].sort());
    const old = [...made].filter(([name, text]) => readFileSync(join(FOLDER, name), 'utf8') !== text);
    expect(old.map(([name]) => name)).toEqual([]);
  });

  test('name only tools that exist as differing from the official ones', () => {
    const known = new Set(['*', 'reads', 'writes', ...Object.keys(readTools), ...Object.keys(writeTools)]);
    expect(DEVIATIONS.flatMap(({ tools }) => tools).filter((name) => !known.has(name))).toEqual([]);
  });
});
