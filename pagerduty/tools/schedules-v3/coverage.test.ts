import { describe, expect, test } from 'vitest';
import { coveredPercent, cutOut, effectOn, gaps, onCallAt, opensGap, reachWords } from './coverage.ts';
import type { OnCallShift, ShiftScheduleFacts } from './shifts.ts';

const window = { since: '2026-11-23T00:00:00.000Z', until: '2026-11-27T00:00:00.000Z' };
const shift = (name: string, from: number, to: number): OnCallShift => ({
  user: { id: `PU${name}`, name },
  start: new Date(Date.parse(window.since) + from * 3_600_000).toISOString(),
  end: new Date(Date.parse(window.since) + to * 3_600_000).toISOString(),
  rotationId: null,
  customShiftId: null,
  overrideId: null,
});
const facts = (shifts: OnCallShift[] | null): ShiftScheduleFacts => ({
  id: 'PD1',
  name: 'Nights',
  exactName: 'Nights',
  description: null,
  timeZone: 'UTC',
  teams: [],
  rotations: [],
  window,
  shifts,
  policies: [{ id: 'PE1', name: 'Core' }],
  services: [],
});

describe('coverage', () => {
  test('is counted once where people overlap, and is never rounded to all or nothing', () => {
    expect(coveredPercent([shift('Ana', 0, 48), shift('Bo', 24, 96)], window)).toBe(100);
    expect(coveredPercent([shift('Ana', 0, 95.9)], window)).toBe(99);
    expect(coveredPercent([shift('Ana', 0, 0.1)], window)).toBe(1);
    expect(coveredPercent([], window)).toBe(0);
    expect(gaps([shift('Ana', 0, 24), shift('Bo', 48, 96)], window)).toEqual([
      { since: '2026-11-24T00:00:00.000Z', until: '2026-11-25T00:00:00.000Z' },
    ]);
  });

  test('knows whether a change uncovers time, not whether it was uncovered before', () => {
    const now = facts([shift('Ana', 0, 24)]);
    expect(opensGap(now, [shift('Bo', 0, 24)])).toBe(false);
    expect(opensGap(now, [shift('Bo', 1, 24)])).toBe(true);
    expect(opensGap(now, null)).toBeNull();
  });

  test('cuts a part out of a shift', () => {
    const [before, after] = cutOut(shift('Ana', 0, 24), '2026-11-23T06:00:00Z', '2026-11-23T07:00:00Z');
    expect([before?.end, after?.start]).toEqual(['2026-11-23T06:00:00.000Z', '2026-11-23T07:00:00.000Z']);
  });
});

describe('the effect', () => {
  test('says who replaces whom, what is left open and since when', () => {
    const after = [shift('Bo', 0, 10), shift('Ana', 10, 12), shift('Bo', 20, 30)];
    expect(effectOn(facts([shift('Ana', 0, 48)]), window.since, after)).toMatchInlineSnapshot(`
      {
        "known": true,
        "lines": [
          "Starts being on call: Bo, 20 h in 2 shifts, the first from 2026-11-23 00:00 (UTC) to 2026-11-23 10:00 (UTC).",
          "Stops being on call: Ana, 1 d 22 h in 2 shifts, the first from 2026-11-23 00:00 (UTC) to 2026-11-23 10:00 (UTC).",
          "On call now: Ana; right after it: Bo.",
          "In the next 4 d somebody is on call 50 % of the time now, 23 % after.",
          "Nobody is on call from 2026-11-23 12:00 (UTC) to 2026-11-23 20:00 (UTC), and in 1 more gap.",
          "Pages through it: 1 escalation policy (Core) for 0 services.",
        ],
      }
    `);
  });

  test('says that a gap was there before', () => {
    const now = facts([shift('Ana', 0, 24)]);
    const { lines } = effectOn(now, '2026-11-22T00:00:00.000Z', [shift('Bo', 0, 24)]);
    expect(lines).toMatchInlineSnapshot(`
      [
        "Starts being on call: Bo, 1 d, from 2026-11-23 00:00 (UTC) to 2026-11-24 00:00 (UTC).",
        "Stops being on call: Ana, 1 d, from 2026-11-23 00:00 (UTC) to 2026-11-24 00:00 (UTC).",
        "In the 4 d from 2026-11-23 00:00 (UTC) somebody is on call 25 % of the time, before and after.",
        "As before, nobody is on call from 2026-11-24 00:00 (UTC) to 2026-11-27 00:00 (UTC).",
        "Pages through it: 1 escalation policy (Core) for 0 services.",
      ]
    `);
  });

  test('is not known when who is on call could not be computed', () => {
    expect(effectOn(facts(null), window.since, []).known).toBe(false);
    expect(effectOn(facts([shift('Ana', 0, 1)]), window.since, null)).toMatchInlineSnapshot(`
      {
        "known": false,
        "lines": [
          "Who starts and stops being on call could not be computed.",
          "On call now: Ana.",
          "Pages through it: 1 escalation policy (Core) for 0 services.",
        ],
      }
    `);
  });

  test('names people once, and counts them from the ninth on', () => {
    const crowd = Array.from({ length: 10 }, (_, index) => shift(`P${index}`, 0, 1));
    const { lines } = effectOn(facts([]), window.since, crowd);
    expect(lines[0]).toContain('; and 2 more people.');
    expect(onCallAt([shift('Ana', 0, 1), shift('Ana', 0, 2)], window.since)).toBe('Ana');
    expect(onCallAt([], window.since)).toBe('nobody');
    expect(reachWords({ policies: [], services: [] })).toBe(
      'No escalation policy uses this schedule: nobody is paged through it.',
    );
  });
});
