import { vi } from 'vitest';

/**
 * Polls until it holds. How long that takes says nothing on a busy machine: the limit is there so that something that
 * never comes is told of at its place, just before the test itself is over.
 */
export const until = <T>(check: () => T | Promise<T>) => vi.waitUntil(check, { timeout: 110_000, interval: 10 });
