import type { Plan } from './state.ts';

/** What becomes of one call on the network. */
export const ENDINGS = [
  'applied',
  'refused with 4xx',
  'not connected',
  'lost but applied',
  'lost for ever',
  'lost and late',
] as const;
export type Ending = (typeof ENDINGS)[number];

export type By = number | 'owner';

export const TIMES = ['answer', 'approval', 'send', 'deadline', 'window'] as const;
/** The instants of a request: `expires_at`, `approval_expires_at`, the send deadline, `deadline_at`, `settle_after`. */
export type Time = (typeof TIMES)[number];

/** One step of anybody. Each is deterministic: what the network or a reading does is part of its name. */
export type Action =
  | { do: 'ask'; request: number; blocked: boolean }
  | { do: 'approve'; request: number; by: By; digest: 'shown' | 'other'; oldReading: boolean }
  | { do: 'deny'; request: number; by: By; oldReading: boolean }
  | { do: 'cancel'; request: number; by: 'agent' | 'owner' | 'kill switch' | 'clock' }
  | { do: 'check'; worker: number; request: number }
  | { do: 'take'; worker: number }
  | { do: 'send'; worker: number; ending: Ending | 'too late' }
  | { do: 'record'; worker: number }
  | { do: 'die'; worker: number }
  | { do: 'record without fence'; request: number }
  | { do: 'arrive'; request: number }
  | { do: 'vanish'; request: number }
  | { do: 'pass'; time: Time; request: number }
  | { do: 'expire'; request: number }
  | { do: 'sweep'; request: number }
  | { do: 'read'; request: number; tells: boolean }
  | { do: 'settle' }
  | { do: 'settler dies' }
  | { do: 'settle by hand'; request: number; applied: boolean }
  | { do: 'change'; what: 'drifted' | 'stricter' | 'upgraded' }
  | { do: 'revoke'; by: number }
  | { do: 'switch off'; whom: 'agent' | 'proposer' };

/** What may happen in a scene; fewer requests and fewer disturbances keep a scene small. */
export interface Scene {
  name: string;
  plans: readonly Plan[];
  reviewers: number;
  workers: number;
  /** Whether rights, world, policy, tools and the agent change underneath. */
  disturbed: boolean;
}

const letter = (request: number) => String.fromCharCode(65 + request);
const person = (by: By) => (by === 'owner' ? 'owner' : `r${by + 1}`);

const PASSED: Record<Time, string> = {
  answer: 'time to answer over',
  approval: 'approval over',
  send: 'time to send over',
  deadline: 'worker taken for dead',
  window: 'settle window over',
};

function describeReview(action: Extract<Action, { do: 'approve' | 'deny' }>): string {
  const who = person(action.by);
  const reading = action.oldReading ? ' (old on-call reading)' : '';
  if (action.do === 'deny') return `${who} denies ${letter(action.request)}${reading}`;
  const extra = action.digest === 'other' ? ' (other digest)' : reading;
  return `${who} approves ${letter(action.request)}${extra}`;
}

/** The action in a few words; requests are A, B …, reviewers r1, r2 …, workers w1, w2 …. */
export function describe(action: Action): string {
  switch (action.do) {
    case 'ask':
      return `ask ${letter(action.request)}${action.blocked ? ' (blocked)' : ''}`;
    case 'approve':
    case 'deny':
      return describeReview(action);
    case 'cancel':
      return `${action.by} cancels ${letter(action.request)}`;
    case 'check':
      return `w${action.worker + 1} checks ${letter(action.request)}`;
    case 'take':
    case 'record':
      return `w${action.worker + 1} ${action.do}s`;
    case 'die':
      return `w${action.worker + 1} dies`;
    case 'send':
      return `w${action.worker + 1} sends: ${action.ending}`;
    case 'arrive':
      return `${letter(action.request)} arrives late`;
    case 'pass':
      return `${letter(action.request)}: ${PASSED[action.time]}`;
    case 'read':
      return `PagerDuty read for ${letter(action.request)}${action.tells ? '' : ' (cannot tell)'}`;
    case 'settle':
      return 'reading recorded';
    case 'settler dies':
      return 'settler dies';
    case 'settle by hand':
      return `human settles ${letter(action.request)}: ${action.applied ? '' : 'not '}applied`;
    case 'change':
      return { drifted: 'world drifts', stricter: 'policy tightened', upgraded: 'tool changed' }[action.what];
    case 'revoke':
      return `${person(action.by)} loses the right`;
    case 'switch off':
      return `${action.whom} switched off`;
    case 'vanish':
      return `${letter(action.request)} is refused late`;
    case 'record without fence':
    case 'expire':
    case 'sweep':
      return `${action.do} ${letter(action.request)}`;
  }
}

/** Whether workers and time alone do this, without any human, agent or luck. */
export function isInevitable(action: Action): boolean {
  switch (action.do) {
    case 'check':
    case 'take':
    case 'record':
    case 'pass':
    case 'expire':
    case 'sweep':
    case 'arrive':
    case 'settle':
      return true;
    case 'send':
      return action.ending === 'too late' || action.ending === 'lost for ever';
    default:
      return false;
  }
}

function peoplesActions(scene: Scene, request: number): Action[] {
  const actions: Action[] = [
    { do: 'ask', request, blocked: false },
    { do: 'ask', request, blocked: true },
    { do: 'approve', request, by: 'owner', digest: 'shown', oldReading: false },
    { do: 'deny', request, by: 'owner', oldReading: false },
    { do: 'settle by hand', request, applied: true },
    { do: 'settle by hand', request, applied: false },
  ];
  for (const by of ['agent', 'owner', 'kill switch', 'clock'] as const) actions.push({ do: 'cancel', request, by });
  for (let by = 0; by < scene.reviewers; by++) {
    actions.push({ do: 'approve', request, by, digest: 'shown', oldReading: false });
    actions.push({ do: 'approve', request, by, digest: 'other', oldReading: false });
    actions.push({ do: 'deny', request, by, oldReading: false });
    if (!scene.disturbed) continue;
    actions.push({ do: 'approve', request, by, digest: 'shown', oldReading: true });
    actions.push({ do: 'deny', request, by, oldReading: true });
  }
  return actions;
}

/** Everything anybody may try in a scene; what it leads to, and whether it is possible now, is `step`'s to say. */
export function allActions(scene: Scene): Action[] {
  const requests = scene.plans.map((_, request) => request);
  const workers = Array.from({ length: scene.workers }, (_, worker) => worker);
  const actions = requests.flatMap((request) => peoplesActions(scene, request));
  for (const worker of workers) {
    for (const request of requests) actions.push({ do: 'check', worker, request });
    for (const ending of [...ENDINGS, 'too late'] as const) actions.push({ do: 'send', worker, ending });
    for (const verb of ['take', 'record', 'die'] as const) actions.push({ do: verb, worker });
  }
  for (const request of requests) {
    for (const verb of ['record without fence', 'arrive', 'vanish', 'expire', 'sweep'] as const)
      actions.push({ do: verb, request });
    for (const time of TIMES) actions.push({ do: 'pass', time, request });
    for (const tells of [true, false]) actions.push({ do: 'read', request, tells });
  }
  actions.push({ do: 'settle' }, { do: 'settler dies' });
  if (!scene.disturbed) return actions;
  for (const what of ['drifted', 'stricter', 'upgraded'] as const) actions.push({ do: 'change', what });
  for (let by = 0; by < scene.reviewers; by++) actions.push({ do: 'revoke', by });
  actions.push({ do: 'switch off', whom: 'agent' });
  if (scene.plans.some(({ undoes }) => undoes !== null)) actions.push({ do: 'switch off', whom: 'proposer' });
  return actions;
}
