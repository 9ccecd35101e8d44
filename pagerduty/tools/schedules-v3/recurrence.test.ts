import { describe, expect, test } from 'vitest';
import { memberWords, type Plan, planWords, recurrenceWords, repeatWords, shiftsOf } from './recurrence.ts';

const people = [
  { userId: 'PULENA1', name: 'Lena' },
  { userId: 'PUTOMAS', name: 'Tomáš' },
];
const plan = (change: Partial<Plan> = {}): Plan => ({
  name: 'Days',
  start: '2026-10-19T09:00:00+02:00',
  end: '2026-10-19T17:00:00+02:00',
  timeZone: 'Europe/Berlin',
  endTimeZone: 'Europe/Berlin',
  effectiveSince: '2026-10-01T00:00:00Z',
  effectiveUntil: null,
  recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO,FR'],
  strategy: 'rotating_member_assignment_strategy',
  shiftsPerMember: 1,
  members: people,
  ...change,
});
const window = { since: '2026-10-19T00:00:00Z', until: '2026-11-02T00:00:00Z' };
const drawn = (change: Partial<Plan> = {}, range = window) =>
  shiftsOf(plan(change), 'R1', range)?.map(({ user, start, end }) => `${user.name} ${start} ${end}`) ?? null;

describe('a recurring shift', () => {
  test('stays at the same time of day when the clocks change, and members take turns', () => {
    expect(drawn()).toMatchInlineSnapshot(`
      [
        "Lena 2026-10-19T07:00:00.000Z 2026-10-19T15:00:00.000Z",
        "Tomáš 2026-10-23T07:00:00.000Z 2026-10-23T15:00:00.000Z",
        "Lena 2026-10-26T08:00:00.000Z 2026-10-26T16:00:00.000Z",
        "Tomáš 2026-10-30T08:00:00.000Z 2026-10-30T16:00:00.000Z",
      ]
    `);
  });

  test('counts turns from its first occurrence, even before the window', () => {
    const later = { since: '2026-10-26T00:00:00Z', until: '2026-10-27T00:00:00Z' };
    expect(drawn({}, later)).toEqual(['Lena 2026-10-26T08:00:00.000Z 2026-10-26T16:00:00.000Z']);
    expect(drawn({ shiftsPerMember: 3 }, later)).toEqual(['Lena 2026-10-26T08:00:00.000Z 2026-10-26T16:00:00.000Z']);
    expect(drawn({ shiftsPerMember: 2 }, later)).toEqual(['Tomáš 2026-10-26T08:00:00.000Z 2026-10-26T16:00:00.000Z']);
  });

  test.each([
    [{}],
    [{ recurrence: ['RRULE:FREQ=DAILY'], shiftsPerMember: 3 }],
    [{ recurrence: ['RRULE:FREQ=DAILY', 'EXDATE:20261020T070000Z'] }],
    [{ recurrence: ['RRULE:FREQ=HOURLY;INTERVAL=17'] }],
    [{ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=30;BYDAY=TU,SU'] }],
    [{ recurrence: ['RRULE:FREQ=DAILY;UNTIL=20270401T000000Z'] }],
    [{ end: '2026-10-22T09:00:00+02:00', recurrence: ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO'] }],
    // A zone whose clocks change for a month.
    [{ timeZone: 'Africa/Casablanca', recurrence: ['RRULE:FREQ=DAILY'] }],
  ])('is the same however late one begins to look: %j', (change) => {
    const year = { since: '2026-10-19T00:00:00Z', until: '2027-10-19T00:00:00Z' };
    const all = drawn(change, year) ?? [];
    for (let day = 0; day < 365; day += 9) {
      const since = new Date(Date.parse(year.since) + day * 86_400_000).toISOString();
      const whole = all.filter((one) => (one.split(' ')[1] ?? '') >= since);
      const late = drawn(change, { since, until: year.until }) ?? [];
      expect(late.slice(late.length - whole.length)).toEqual(whole);
      // Beside those, only what had begun already.
      expect(late.slice(0, late.length - whole.length).every((one) => one.split(' ')[1] === since)).toBe(true);
    }
  });

  test('puts everybody on call at once, or nobody where a place is empty', () => {
    const strategy = 'every_member_assignment_strategy';
    const day = { since: '2026-10-19T00:00:00Z', until: '2026-10-20T00:00:00Z' };
    expect(drawn({ strategy }, day)?.map((one) => one.split(' ')[0])).toEqual(['Lena', 'Tomáš']);
    expect(drawn({ strategy, members: [{ userId: null, name: 'nobody' }] }, day)).toEqual([]);
  });

  test('makes shifts only while it is in force, cut at both ends', () => {
    const change = { effectiveSince: '2026-10-19T10:00:00Z', effectiveUntil: '2026-10-23T09:00:00Z' };
    expect(drawn(change)).toEqual([
      'Lena 2026-10-19T10:00:00.000Z 2026-10-19T15:00:00.000Z',
      'Tomáš 2026-10-23T07:00:00.000Z 2026-10-23T09:00:00.000Z',
    ]);
  });

  test.each([
    ['RRULE:FREQ=DAILY;INTERVAL=5', 3],
    ['RRULE:FREQ=DAILY;BYDAY=SA,SU', 4],
    ['RRULE:FREQ=HOURLY;INTERVAL=12;COUNT=3', 3],
    ['RRULE:FREQ=WEEKLY;INTERVAL=2', 1],
    ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO', 2],
    ['RRULE:FREQ=WEEKLY;UNTIL=20261019T070000Z', 1],
  ])('follows %s', (rule, count) => {
    expect(drawn({ recurrence: [rule] })).toHaveLength(count);
  });

  test('leaves out what is excepted', () => {
    expect(drawn({ recurrence: ['RRULE:FREQ=DAILY', 'EXDATE:20261020T070000Z,20261021T070000Z'] })).toHaveLength(12);
  });

  test.each([
    'RRULE:FREQ=MONTHLY',
    'RRULE:FREQ=WEEKLY;BYDAY=1MO',
    'RRULE:FREQ=WEEKLY;BYHOUR=9',
    'RRULE:FREQ=WEEKLY;WKST=SU',
    'RRULE:FREQ=WEEKLY;INTERVAL=0',
    'RRULE:FREQ=WEEKLY;UNTIL=20261019',
    'RRULE:FREQ=HOURLY;BYDAY=MO',
    'RRULE:INTERVAL=2',
    'RDATE:20261020T070000Z',
    'EXDATE;TZID=Europe/Berlin:20261020T090000',
  ])('does not guess what %s means', (rule) => {
    expect(drawn({ recurrence: [rule] })).toBeNull();
    expect(recurrenceWords([rule], null)).toBeNull();
    expect(repeatWords(plan({ recurrence: [rule] }))).toBe(rule);
  });

  test('does not follow a rule over a hundred thousand steps', () => {
    const change = { start: '1990-01-01T00:00:00Z', end: '1990-01-01T01:00:00Z', recurrence: ['RRULE:FREQ=HOURLY'] };
    expect(drawn(change)).toBeNull();
  });

  test('is said in words', () => {
    const words = (...rules: string[]) => recurrenceWords(rules, 'Europe/Berlin');
    expect(words('RRULE:FREQ=WEEKLY')).toBe('every week');
    expect(words('RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=10', 'EXDATE:20261020T070000Z')).toBe(
      'every 2 weeks on Monday and Thursday, 10 times, left out 1 time',
    );
    expect(words('RRULE:FREQ=DAILY;UNTIL=20261231T230000Z')).toBe('every day, until 2027-01-01 00:00 (Europe/Berlin)');
    expect(memberWords(plan({ shiftsPerMember: 2 }))).toBe('Lena and Tomáš in turn, 2 shifts each');
    expect(memberWords(plan({ strategy: 'every_member_assignment_strategy' }))).toBe('Lena and Tomáš, all at once');
    expect(planWords(plan({ effectiveUntil: '2026-12-31T23:00:00Z' }))).toMatchInlineSnapshot(
      `"Lena and Tomáš in turn; 2026-10-19 09:00 (Europe/Berlin) to 2026-10-19 17:00 (Europe/Berlin), 8 h; every week on Monday and Friday; in force from 2026-10-01 02:00 (Europe/Berlin), until 2027-01-01 00:00 (Europe/Berlin)"`,
    );
  });
});
