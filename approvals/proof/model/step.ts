import type { Action } from './actions.ts';
import { approve, ask, cancel, deny, expire } from './holding.ts';
import { change, type Model } from './moves.ts';
import { arrive, check, die, record, recordWithoutFence, send, take, vanish } from './sending.ts';
import { read, settle, settleByHand, sweep } from './settling.ts';
import { at, type Held, hasEnded, IDLE, type State } from './state.ts';

/**
 * The life of requests as a pure function, to be explored completely (`explore.ts`) and to be compared with the real
 * store step by step (`../walk`). It says what `submit`, `review`, `cancel`, `claim`, `send`, `settle` and `expire` do;
 * which status may follow which it takes from `lifecycle.ts`.
 *
 * What it takes for granted, and what would have to be argued elsewhere:
 * - A reading of PagerDuty is right about what is applied by then, and a human who settles says what is there. A tool
 *   whose traces cannot be told from somebody else's breaks this.
 * - What was lost on the way is applied within the settle window or never.
 * - The database's clock does not jump by more than the settle window while a request is unknown, and between the last
 *   look at the send deadline and the first byte a process is not stopped for longer than that.
 * - What changes between the checks of a claim and PagerDuty's own commit is a residual race: PagerDuty has no
 *   `If-Match`. So I12 speaks of what the checks could see; the kill switch alone is repeated in the claim.
 * - Times are flags that become true in the order the implementation gives them; how long they take is left open, so
 *   every order of two requests' times is explored.
 * - Contents are not modelled: a digest is the request's or another one. The real digest is tested where it is made.
 */

/** Instants only pass in the order the implementation gives them. */
function pass(state: State, action: Extract<Action, { do: 'pass' }>): State {
  const { request, time } = action;
  const held = at(state, request);
  const over = `${time}Over` as const;
  const possible = {
    answer: held.status === 'pending',
    approval: held.status === 'approved',
    send: held.status === 'executing',
    deadline: held.status === 'executing' && held.sendOver,
    // The assumption about PagerDuty: what was lost arrives within the settle window or never.
    window: held.status === 'unknown' && !held.arrivesLate,
  };
  return possible[time] && !held[over] ? change(state, request, { [over]: true }) : state;
}

function changeWorld(state: State, what: 'drifted' | 'stricter' | 'upgraded'): State {
  const touches = (held: Held) => held.status !== 'unasked' && !hasEnded(held) && !held[what];
  if (!state.requests.some(touches)) return state;
  return { ...state, requests: state.requests.map((held) => (touches(held) ? { ...held, [what]: true } : held)) };
}

function switchOff(state: State, whom: 'agent' | 'proposer'): State {
  const off = `${whom}Off` as const;
  return state[off] ? state : { ...state, [off]: true };
}

/**
 * What an action leads to. The same state means that it is refused, lost, or not possible now.
 * @throws IllegalMove when it would move a request against the table.
 */
export function step(model: Model, state: State, action: Action): State {
  switch (action.do) {
    case 'ask':
      return ask(model, state, action);
    case 'approve':
      return approve(model, state, action);
    case 'deny':
      return deny(model, state, action);
    case 'cancel':
      return cancel(model, state, action);
    case 'check':
      return check(model, state, action);
    case 'take':
      return take(model, state, action.worker);
    case 'send':
      return send(model, state, action);
    case 'record':
      return record(model, state, action.worker);
    case 'die':
      return die(model, state, action.worker);
    case 'record without fence':
      return recordWithoutFence(model, state, action.request);
    case 'arrive':
      return arrive(model, state, action.request);
    case 'vanish':
      return vanish(state, action.request);
    case 'pass':
      return pass(state, action);
    case 'expire':
      return expire(model, state, action.request);
    case 'sweep':
      return sweep(model, state, action.request);
    case 'read':
      return read(model, state, action);
    case 'settle':
      return settle(model, state);
    case 'settler dies':
      return state.settler.at === 'idle' ? state : { ...state, settler: IDLE };
    case 'settle by hand':
      return settleByHand(model, state, action);
    case 'change':
      return changeWorld(state, action.what);
    case 'revoke':
      return state.revoked[action.by] ? state : { ...state, revoked: state.revoked.with(action.by, true) };
    case 'switch off':
      return switchOff(state, action.whom);
  }
}
