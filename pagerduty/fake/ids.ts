import { createHash } from 'node:crypto';

/** Feeds ids and the order of creation; never goes back, so an id is never given twice. */
export interface Counter {
  created: number;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A new id: `P` and 6 characters for configuration, `Q` and 13 for incidents, alerts and log entries. */
export function newId(state: Counter, kind: 'P' | 'Q'): string {
  state.created += 1;
  const digest = createHash('sha256').update(`northwind ${state.created}`).digest();
  const length = kind === 'P' ? 6 : 13;
  return kind + Array.from(digest.subarray(0, length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** PagerDuty's way to write an instant: UTC, no fractions of a second. */
export function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
