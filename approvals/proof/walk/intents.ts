import type { Action } from '../model/actions.ts';
import { allActions, describe, type Scene, type Time } from '../model/actions.ts';
import { RULES } from '../model/rules.ts';
import type { State } from '../model/state.ts';
import { step } from '../model/step.ts';

/** What an agent of a walk may ask for. Notes change nothing that others show; status changes do. */
export const ASKS = ['note', 'acknowledge', 'resolve', 'blocked note'] as const;
export type AskFor = (typeof ASKS)[number];

/** One step of a walk as data, so that a failing walk can be repeated and made shorter. */
export interface Intent {
  action: Action;
  /** For `ask`: what, on which of the two incidents, and whether the agent gets to know the id. */
  ask: { for: AskFor; incident: number; delivered: boolean } | null;
  /** Chooses among ways that the model does not tell apart. */
  variant: number;
}

/** mulberry32: the same numbers for the same seed, on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Kind = Exclude<Action['do'], 'pass'> | `pass ${Time}`;

/** How likely each kind of step is, when it would change something: what ends requests early is rare. */
const WEIGHTS: Record<Kind, number> = {
  ask: 4,
  approve: 8,
  deny: 0.4,
  cancel: 0.3,
  check: 10,
  take: 10,
  send: 10,
  record: 6,
  die: 1.2,
  'record without fence': 0,
  arrive: 3,
  vanish: 0,
  'pass answer': 0.2,
  'pass approval': 0.3,
  'pass send': 1.5,
  'pass deadline': 2,
  'pass window': 2,
  expire: 3,
  sweep: 4,
  read: 5,
  settle: 5,
  'settler dies': 0.5,
  'settle by hand': 1,
  change: 0.25,
  revoke: 0.15,
  'switch off': 0.08,
};

const kindOf = (action: Action): Kind => (action.do === 'pass' ? (`pass ${action.time}` as const) : action.do);

const MOST_REQUESTS = 6;

/** Not offered: what the real store decides by itself, and what no walk can bring about. */
function isOffered(action: Action): boolean {
  if (action.do === 'ask' || action.do === 'vanish') return false;
  if (action.do === 'cancel') return action.by !== 'clock';
  if (action.do === 'read') return action.tells;
  if (action.do === 'send') return action.ending !== 'too late';
  if (action.do === 'approve' || action.do === 'deny') return !action.oldReading;
  return !(action.do === 'change' && action.what === 'stricter');
}

function pick<T>(random: () => number, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** Whether a step would change the model; the ending of a send and a reading are told later by what happens. */
function isEffective(scene: Scene, state: State, action: Action): boolean {
  if (action.do === 'send') return state.workers[action.worker]?.at === 'claimed';
  if (action.do === 'approve' || action.do === 'deny') {
    const seen = { ...state, revoked: state.revoked.map(() => false) };
    return step({ scene, rules: RULES }, seen, action) !== seen;
  }
  return step({ scene, rules: RULES }, state, action) !== state;
}

/** First the kind, then one of that kind. */
function pickByKind(
  random: () => number,
  actions: readonly Action[],
  weigh: (kind: Kind) => number,
): Action | undefined {
  const kinds = [...new Set(actions.map(kindOf))];
  const total = kinds.reduce((sum, kind) => sum + weigh(kind), 0);
  let left = random() * total;
  const kind = kinds.find((candidate) => {
    left -= weigh(candidate);
    return left < 0;
  });
  return pick(
    random,
    actions.filter((action) => kindOf(action) === kind),
  );
}

/** The next step: mostly one that changes something, sometimes one that must be refused. */
export function nextIntent(random: () => number, scene: Scene, state: State): Intent {
  const variant = Math.floor(random() * 1000);
  const offered = allActions(scene).filter(isOffered);
  const effective = offered.filter((action) => isEffective(scene, state, action));
  const ask: Action = { do: 'ask', request: state.requests.length, blocked: false };
  if (state.requests.length < MOST_REQUESTS) effective.push(ask);
  const action =
    (random() < 0.12 ? pickByKind(random, offered, () => 1) : pickByKind(random, effective, (kind) => WEIGHTS[kind])) ??
    ask;
  if (action.do !== 'ask') return { action, ask: null, variant };
  // Two notes for one change of status: those stand in each other's way less, so more gets as far as being sent.
  const what =
    random() < 0.08 ? 'blocked note' : (pick(random, ['note', 'note', 'acknowledge', 'resolve'] as const) ?? 'note');
  return { action, ask: { for: what, incident: random() < 0.6 ? 0 : 1, delivered: random() < 0.85 }, variant };
}

/** The step in words. */
export function inWords({ action, ask }: Intent): string {
  return ask === null ? describe(action) : `${describe(action)} (${ask.for} on incident ${ask.incident + 1})`;
}
