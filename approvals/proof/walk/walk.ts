import { assertInvariants } from '../invariants.ts';
import { describe, TIMES } from '../model/actions.ts';
import { brokenBetween, brokenIn } from '../model/properties.ts';
import { RULES } from '../model/rules.ts';
import { hasEnded, initial, type State, unasked } from '../model/state.ts';
import { step } from '../model/step.ts';
import { Mismatch, type Walk } from './course.ts';
import { type Intent, inWords, nextIntent, randomFrom } from './intents.ts';
import { instantOf } from './passing.ts';
import { perform } from './perform.ts';
import { EMPTY, readRows } from './real.ts';
import { openScene, openStage, REVIEWERS, type Stage } from './stage.ts';
import { FRESH_SERVICES } from './upheaval.ts';

const WORKERS = 2;
const STEPS_PER_WALK = 40;

export interface WalkReport {
  /** What was tried, in order. */
  intents: Intent[];
  /** How many of them, and of those that bring a walk to its end, were done on the real store and compared. */
  steps: number;
  /** Model actions that changed something, and status changes, each with how often. */
  seen: Map<string, number>;
  /** Why the walk failed; null = store and model agreed to the end. */
  failure: string | null;
}

function count(seen: Map<string, number>, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

/** Lets the model follow, and notes which instants have passed on the walk's clock. */
function follow(walk: Walk, actions: readonly Parameters<typeof step>[2][], seen: Map<string, number>): void {
  const model = { scene: walk.scene, rules: RULES };
  const go = (action: (typeof actions)[number]) => {
    if (action.do === 'ask') {
      walk.state = { ...walk.state, requests: [...walk.state.requests, unasked(REVIEWERS.length)] };
    }
    const next = step(model, walk.state, action);
    if (next === walk.state) return;
    const broken = brokenBetween(walk.state, next) ?? brokenIn(walk.scene, next);
    if (broken) throw new Mismatch(`${describe(action)} breaks ${broken} in the model.`);
    count(seen, action.do);
    for (const [index, held] of next.requests.entries()) {
      const from = walk.state.requests[index]?.status ?? 'unasked';
      if (from !== held.status) count(seen, `${from} → ${held.status}`);
    }
    walk.state = next;
  };
  for (const action of actions) go(action);
}

function passInstants(walk: Walk, seen: Map<string, number>): void {
  for (const request of walk.rows.keys()) {
    for (const time of TIMES) {
      const instant = instantOf(walk, request, time);
      if (instant !== null && instant <= walk.real.clock.ms) follow(walk, [{ do: 'pass', request, time }], seen);
    }
  }
}

/** @throws Mismatch where the store is not what the model says. */
function compare(walk: Walk): void {
  const says = (state: State) => state.requests.map((held) => `${held.status} ${held.approvals.join('+')}`).join(', ');
  const real = walk.rows.map((row) => `${row.status} ${row.approvals.join('+')}`).join(', ');
  const model = says(walk.state);
  if (real !== model) throw new Mismatch(`The store has [${real}], the model [${model}].`);
  const hands = walk.hands.map((hand) => ('request' in hand ? `${hand.at} ${hand.request}` : hand.at)).join(', ');
  const workers = walk.state.workers.map((worker) =>
    'request' in worker ? `${worker.at} ${worker.request}` : worker.at,
  );
  if (hands !== workers.join(', '))
    throw new Mismatch(`The workers have [${hands}], the model [${workers.join(', ')}].`);
  const { reading } = walk;
  // A reading that does not count yet is held back too; the model does not tell it from none.
  if (reading.at === 'idle' && walk.state.settler.at !== 'idle') throw new Mismatch('The settler has no reading.');
}

async function take(walk: Walk, intent: Intent, seen: Map<string, number>): Promise<void> {
  const actions = await perform(walk, intent);
  if (actions === null) return;
  walk.steps++;
  follow(walk, actions, seen);
  walk.rows = await readRows(walk.real);
  passInstants(walk, seen);
  compare(walk);
}

const plain = (action: Intent['action']): Intent => ({ action, ask: null, variant: 0 });

/** No humans, no agents: workers die, lost calls arrive, time passes, the clock and the settler do their work. */
async function drain(walk: Walk, seen: Map<string, number>): Promise<void> {
  for (let worker = 0; worker < WORKERS; worker++) await take(walk, plain({ do: 'die', worker }), seen);
  await take(walk, plain({ do: 'settler dies' }), seen);
  while (walk.late.length > 0) await take(walk, plain({ do: 'arrive', request: 0 }), seen);
  for (const time of TIMES) {
    for (let request = 0; request < walk.rows.length; request++)
      await take(walk, plain({ do: 'pass', request, time }), seen);
    await take(walk, plain({ do: 'expire', request: 0 }), seen);
    await take(walk, plain({ do: 'sweep', request: 0 }), seen);
  }
  for (let request = 0; request < walk.rows.length; request++) {
    await take(walk, plain({ do: 'read', request, tells: true }), seen);
    await take(walk, plain({ do: 'settle' }), seen);
    await take(walk, plain({ do: 'settle by hand', request, applied: true }), seen);
  }
  const open = walk.state.requests.filter((held) => !hasEnded(held));
  if (open.length > 0)
    throw new Mismatch(`It does not come to an end: ${open.map(({ status }) => status).join(', ')}.`);
}

/** Walks the given steps, or, from a seed, steps chosen on the way. */
export async function walkOnce(
  stage: Stage,
  from: { seed: number } | { intents: readonly Intent[] },
): Promise<WalkReport> {
  const real = await openScene(stage);
  const plans: Walk['scene']['plans'] = [];
  const walk: Walk = {
    real,
    scene: { name: 'walk', plans, reviewers: REVIEWERS.length, workers: WORKERS, disturbed: true },
    state: initial(0, REVIEWERS.length, WORKERS),
    rows: [],
    hands: [EMPTY, EMPTY],
    reading: { at: 'idle' },
    late: [],
    services: [...FRESH_SERVICES],
    asked: 0,
    steps: 0,
  };
  const seen = new Map<string, number>();
  const intents: Intent[] = [];
  const random = 'seed' in from ? randomFrom(from.seed) : () => 0;
  const planned = 'intents' in from ? from.intents : null;
  const length = planned?.length ?? STEPS_PER_WALK;
  const report = (failure: string | null): WalkReport => ({ intents, steps: walk.steps, seen, failure });
  try {
    for (let index = 0; index < length; index++) {
      const intent = planned?.[index] ?? nextIntent(random, walk.scene, walk.state);
      intents.push(intent);
      await take(walk, intent, seen);
    }
    await drain(walk, seen);
    await assertInvariants(stage.db, [...stage.ledger, ...real.fake.ledger()]);
    return report(null);
  } catch (error) {
    return report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    for (const hand of walk.hands) if (hand.at === 'checked') hand.gate.kill();
    if (walk.reading.at === 'read') walk.reading.gate.kill();
    await real.close();
  }
}

export interface Walks {
  walks: number;
  steps: number;
  seen: Map<string, number>;
  failed: { seed: number; report: WalkReport } | null;
}

/** The rules are checked over the whole database after each walk, so a stage is changed before it is large. */
const WALKS_PER_STAGE = 40;

/** Walks from seed to seed until so many steps were done or a walk fails. */
async function lane(next: () => number, wanted: () => boolean, all: Walks): Promise<void> {
  let stage = await openStage();
  for (let walked = 1; wanted(); walked++) {
    const seed = next();
    const report = await walkOnce(stage, { seed });
    all.walks++;
    all.steps += report.steps;
    for (const [what, times] of report.seen) all.seen.set(what, (all.seen.get(what) ?? 0) + times);
    if (report.failure !== null) all.failed ??= { seed, report };
    if (walked % WALKS_PER_STAGE !== 0) continue;
    await stage.close();
    stage = await openStage();
  }
  await stage.close();
}

/** Walks beside each other, each lane on a database of its own, because much of a step is waiting for an answer. */
export async function walkAll(options: { seed: number; steps: number; lanes: number }): Promise<Walks> {
  const all: Walks = { walks: 0, steps: 0, seen: new Map(), failed: null };
  let { seed } = options;
  const next = () => seed++;
  const wanted = () => all.failed === null && all.steps < options.steps;
  await Promise.all(Array.from({ length: options.lanes }, () => lane(next, wanted, all)));
  return all;
}

/** Leaves out steps as long as the walk still fails; each try is a walk of its own on a new stage. */
export async function shrink(failed: WalkReport): Promise<WalkReport> {
  let best = failed;
  for (let size = Math.ceil(best.intents.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < best.intents.length; ) {
      const fewer = best.intents.toSpliced(start, size);
      const stage = await openStage();
      const again = await walkOnce(stage, { intents: fewer });
      await stage.close();
      if (again.failure === null) start += size;
      else best = again;
    }
  }
  return best;
}

/** A failed walk as text: how to repeat it, what was done, what went wrong. */
export function failureText(seed: number, { intents, failure }: WalkReport): string {
  const steps = intents.map((intent, index) => `${index + 1}. ${inWords(intent)}`).join('\n');
  return `Walk ${seed} fails (npm run walk -- --seed ${seed} --steps 1).\n${steps}\n${failure}`;
}
