import { describe, expect, test } from 'vitest';
import { CHANNEL, fromLane, fromTarget, inPlace, type Lane, type Place, PREFIXES, toLane, toTarget } from './place.ts';

/** With the texts that are stored: rows of earlier versions have them. */
const PLACES: Record<Place['kind'], [Place, string][]> = {
  channel: [[CHANNEL, 'channel']],
  person: [[{ kind: 'person', personId: 'prs_priya' }, 'dm:prs_priya']],
  home: [[{ kind: 'home', userId: 'U0PRIYA' }, 'home:U0PRIYA']],
  copy: [[{ kind: 'copy', channel: 'C1', ts: '9.000900' }, 'copy:C1:9.000900']],
  flood: [
    [{ kind: 'flood', lane: 'channel', sinceMs: 1_780_000_000_000 }, 'flood:channel:1780000000000'],
    [{ kind: 'flood', lane: 'dm:prs_priya', sinceMs: 1 }, 'flood:dm:prs_priya:1'],
    [{ kind: 'flood', lane: 'C9', sinceMs: 0 }, 'flood:C9:0'],
  ],
};

describe.each(Object.values(PLACES).flat())('the place %j', (place, text) => {
  test('is stored as a text that leads back to it', () => {
    expect(toTarget(place)).toBe(text);
    expect(fromTarget(text)).toEqual(place);
  });

  test('is found among those of its kind, and of no other', () => {
    const kinds = Object.entries(PREFIXES).filter(([, prefix]) => text.startsWith(prefix));
    expect(kinds.map(([kind]) => kind)).toEqual([place.kind]);
  });
});

test.each([
  '',
  'channels',
  'channel:',
  'dm:',
  'dm:prs_priya:1',
  'dm',
  'home:',
  'copy:C1',
  'copy::9.000900',
  'copy:C1:',
  'flood:channel',
  'flood:channel:',
  'flood:channel:soon',
  'flood::1',
  'mail:priya',
  'C1',
  ' channel',
])('no place is called %j', (text) => {
  expect(() => fromTarget(text)).toThrow(TypeError);
});

test.each<[Lane, string]>([
  [{ kind: 'channel' }, 'channel'],
  [{ kind: 'person', personId: 'prs_priya' }, 'dm:prs_priya'],
  [{ kind: 'home', userId: 'U0PRIYA' }, 'home:U0PRIYA'],
  [{ kind: 'conversation', id: 'C9' }, 'C9'],
])('the lane %j is stored as a text that leads back to it', (lane, text) => {
  expect(toLane(lane)).toBe(text);
  expect(fromLane(text)).toEqual(lane);
});

test.each(['', 'dm:', 'copy:C1:9.000900', 'flood:channel:1', 'mail:priya'])('no lane is called %j', (text) => {
  expect(() => fromLane(text)).toThrow(TypeError);
});

test('what is told to one person is told in a lane of their own', () => {
  expect(inPlace({ kind: 'person', personId: 'prs_priya' })).toEqual({ target: 'dm:prs_priya', lane: 'dm:prs_priya' });
});
