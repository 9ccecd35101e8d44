import { describe, expect, test } from 'vitest';
import { age, nextTickMs, timeLeft } from './clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the clock of a request', () => {
  test.each([
    [8 * HOUR, '8 h 0 min left'],
    [7 * HOUR + 59 * MINUTE + 59_999, '7 h 59 min left'],
    [HOUR - 1, '59 min left'],
    [MINUTE, '1 min left'],
    [MINUTE - 1, '59 s left'],
    [1_000, '1 s left'],
    [999, '0 s left'],
    [0, 'Time is over'],
    [-5, 'Time is over'],
  ])('never promises more than the %i ms there are', (left, words) => {
    expect(timeLeft(left)).toBe(words);
  });

  test.each([
    [-3_000, 'just now'],
    [0, 'just now'],
    [3_400, '3 s ago'],
    [2 * MINUTE, '2 min ago'],
    [3 * HOUR + 4 * MINUTE, '3 h 4 min ago'],
    [24 * HOUR, 'a day ago'],
    [50 * HOUR, '2 days ago'],
  ])('says how old %i ms are', (ms, words) => {
    expect(age(ms)).toBe(words);
  });

  test('ticks each second in the last minute and at most each half minute before', () => {
    expect(nextTickMs(10 * MINUTE)).toBe(30_000);
    expect(nextTickMs(30_500)).toBe(500);
    expect(nextTickMs(30_000)).toBe(1_000);
  });

  test('does not miss the moment when the last minute begins', () => {
    const left = MINUTE + 12_345;
    expect(left - nextTickMs(left)).toBeLessThan(MINUTE);
    expect(nextTickMs(left)).toBeLessThanOrEqual(12_346);
  });

  test('always goes on', () => {
    for (let left = -2_000; left < 3 * MINUTE; left += 37) expect(nextTickMs(left)).toBeGreaterThan(0);
  });
});
