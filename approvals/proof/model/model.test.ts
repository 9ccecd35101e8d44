import { describe, expect, test } from 'vitest';
import { following, isFinal, STATUSES } from '../../lifecycle.ts';
import type { Action } from './actions.ts';
import { type Exploration, explore } from './explore.ts';
import { DOUBLED, findDamage, MUTANTS } from './mutants.ts';
import { RULES } from './rules.ts';
import { SCENES } from './scenes.ts';
import { initial } from './state.ts';
import { step } from './step.ts';

const explored = new Map<string, Exploration>(
  SCENES.map((scene) => [scene.name, explore({ scene, rules: RULES })] as const),
);

describe('the life of a request, every state of it', () => {
  test.each([...explored])('keeps every invariant: %s', (_, exploration) => {
    expect(exploration.violation).toBeNull();
    expect(exploration.states).toBeGreaterThan(500);
  });

  test.each([...explored])('comes to an end by workers and time alone, or waits for a human: %s', (_, exploration) => {
    expect(exploration.trap).toBeNull();
  });

  test('makes the moves of the table, and no other', () => {
    const made = new Set([...explored.values()].flatMap(({ statusMoves }) => [...statusMoves]));
    const table = STATUSES.flatMap((from) => following(from).map((to) => `${from} → ${to}`));
    expect([...made].sort()).toEqual([...table, 'unasked → blocked', 'unasked → pending'].sort());
  });

  test('goes through every status', () => {
    const made = [...explored.values()].flatMap(({ statusMoves }) => [...statusMoves]);
    const reached = new Set(made.map((move) => move.split(' → ')[1]));
    expect([...reached].sort()).toEqual([...STATUSES].sort());
    expect(STATUSES.filter(isFinal)).toHaveLength(7);
  });
});

describe('an undo that a human proposed', () => {
  const scene = SCENES.find(({ plans }) => plans.some(({ undoes }) => undoes !== null));
  if (scene === undefined) throw new Error('there is no scene with an undo');
  const model = { scene, rules: RULES };
  const after = (actions: readonly Action[]) =>
    actions.reduce((state, action) => step(model, state, action), initial(2, scene.reviewers, scene.workers));
  const sent = (request: number): Action[] => [
    { do: 'ask', request, blocked: false },
    { do: 'approve', request, by: 0, digest: 'shown', oldReading: false },
    { do: 'check', worker: 0, request },
    { do: 'take', worker: 0 },
    { do: 'send', worker: 0, ending: 'applied' },
    { do: 'record', worker: 0 },
  ];
  const statuses = (actions: readonly Action[]) => after(actions).requests.map(({ status }) => status);

  test('is sent although the agent was switched off', () => {
    expect(statuses([...sent(0), { do: 'switch off', whom: 'agent' }, ...sent(1)])).toEqual(['succeeded', 'succeeded']);
  });

  test('is held only for what was applied, and never for somebody who was switched off', () => {
    expect(statuses(sent(1))).toEqual(['unasked', 'unasked']);
    expect(statuses([...sent(0), { do: 'switch off', whom: 'proposer' }, ...sent(1)])[1]).toBe('unasked');
  });

  test('is withdrawn by nobody but who proposed it', () => {
    const held = [...sent(0), ...sent(1).slice(0, 2), { do: 'switch off', whom: 'agent' } as const];
    for (const by of ['agent', 'kill switch', 'clock'] as const) {
      expect(statuses([...held, { do: 'cancel', request: 1, by }])[1]).toBe('approved');
    }
    expect(statuses([...held, { do: 'cancel', request: 1, by: 'owner' }])[1]).toBe('cancelled');
  });
});

describe('each guard', () => {
  test.each(MUTANTS)('is needed: without it, something $does', (mutant) => {
    const damage = findDamage(mutant);
    expect(damage?.invariant).toBe(mutant.caughtBy);
    expect(damage?.trace.length).toBeLessThanOrEqual(12);
  });

  test('has a mutant that lacks it, or another guard that repeats it', () => {
    const tried = new Set([...MUTANTS.flatMap(({ without }) => Object.keys(without)), ...DOUBLED]);
    expect([...tried].sort()).toEqual(Object.keys(RULES).sort());
  });

  test('that is repeated elsewhere can be missed without damage', () => {
    const scenes = SCENES.filter(({ disturbed }) => disturbed);
    const without = DOUBLED.map((guard) => ({ ...RULES, [guard]: false }));
    for (const rules of without) {
      for (const scene of scenes) expect(explore({ scene, rules }).violation).toBeNull();
    }
  });
});
