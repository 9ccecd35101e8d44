import { describe, expect, test } from 'vitest';
import { databaseClock } from '#db/clock.ts';
import type { Transaction } from '#db/connection.ts';
import { can, following, isFinal, MEANING, OPEN, STATUSES } from './lifecycle.ts';
import { type Change, transition } from './transition.ts';

describe('the lifecycle', () => {
  test('has exactly these moves', () => {
    expect(Object.fromEntries(STATUSES.map((status) => [status, following(status).join(' ')]))).toEqual({
      blocked: '',
      pending: 'approved denied expired cancelled stale',
      approved: 'executing denied expired cancelled stale',
      executing: 'succeeded failed unknown',
      succeeded: '',
      failed: '',
      unknown: 'succeeded failed',
      denied: '',
      expired: '',
      cancelled: '',
      stale: '',
    });
  });

  test('ends in statuses that nothing leaves', () => {
    expect(STATUSES.filter(isFinal)).toEqual([
      'blocked',
      'succeeded',
      'failed',
      'denied',
      'expired',
      'cancelled',
      'stale',
    ]);
    expect(OPEN).toEqual(['pending', 'approved', 'executing', 'unknown']);
  });

  test('does not compile a move that is not in the table', () => {
    const never = (tx: Transaction, change: Change) => [
      // @ts-expect-error a denied request stays denied
      transition(tx, databaseClock, 'denied', 'approved', change),
      // @ts-expect-error a dead claim never becomes approved again
      transition(tx, databaseClock, 'executing', 'approved', change),
      // @ts-expect-error nothing is sent without an approval
      transition(tx, databaseClock, 'pending', 'executing', change),
      // @ts-expect-error an unknown outcome does not expire
      transition(tx, databaseClock, 'unknown', 'expired', change),
    ];
    expect(never).toBeTypeOf('function');
  });

  test('says of a request that was sent and not answered that nobody knows', () => {
    expect(STATUSES.filter((status) => MEANING[status].ran === null)).toEqual(['executing', 'unknown']);
    expect(STATUSES.filter((status) => MEANING[status].ran === true)).toEqual(['succeeded']);
  });

  test('lets each act happen only where it can', () => {
    const allowed = (act: keyof typeof can) => STATUSES.filter((status) => can[act](status).allowed);
    expect(allowed('approve')).toEqual(['pending']);
    expect(allowed('deny')).toEqual(['pending', 'approved']);
    expect(allowed('cancel')).toEqual(['pending', 'approved']);
    expect(allowed('settle')).toEqual(['unknown']);
    expect(can.approve('denied')).toEqual({
      allowed: false,
      because: 'It cannot be approved: its status is "Denied".',
    });
  });
});
