import { describe, expect, test } from 'vitest';
import { following, STATUSES } from '../lifecycle.ts';
import { failureText, shrink, walkAll } from './walk/walk.ts';

const SEED = Number(process.env.WALK_SEED ?? 1);
const STEPS = 10_000;

describe('random walks of the real store', () => {
  test('agree with the model at every step and keep every rule', { timeout: 600_000 }, async () => {
    const { failed, steps, seen } = await walkAll({ seed: SEED, steps: STEPS, lanes: 3 });
    expect(failed && failureText(failed.seed, await shrink(failed.report))).toBeNull();
    expect(steps).toBeGreaterThanOrEqual(STEPS);

    const table = STATUSES.flatMap((from) => following(from).map((to) => `${from} → ${to}`));
    const unseen = table.filter((move) => !seen.has(move));
    expect(unseen).toEqual([]);
  });
});
