import { ask, decide, withdraw } from './asking.ts';
import type { Amounts, Walk } from './course.ts';
import type { Intent } from './intents.ts';
import { byHand, expireDue, pass, read, recordReading, settlerDies, sweep } from './passing.ts';
import { changeWorld, revoke, switchOff } from './upheaval.ts';
import { arrive, check, die, record, recordWithoutFence, sendOnce, take } from './working.ts';
/** Does on the real thing what an intent says. @returns what that is in the model; null when nothing was done. */
export async function perform(walk: Walk, { action, ask: wanted, variant }: Intent): Promise<Amounts> {
  if (action.do !== 'ask' && 'request' in action && walk.rows[action.request] === undefined) return null;
  switch (action.do) {
    case 'ask':
      return wanted === null ? null : ask(walk, wanted);
    case 'approve':
    case 'deny':
      return decide(walk, action);
    case 'cancel':
      return withdraw(walk, action);
    case 'check':
      return check(walk, action);
    case 'take':
      return take(walk, action.worker);
    case 'send':
      return sendOnce(walk, action, variant);
    case 'record':
      return record(walk, action.worker);
    case 'die':
      return die(walk, action.worker);
    case 'record without fence':
      return recordWithoutFence(walk, action);
    case 'arrive':
    case 'vanish':
      return arrive(walk);
    case 'pass':
      return pass(walk, action);
    case 'expire':
      return expireDue(walk);
    case 'sweep':
      return sweep(walk);
    case 'read':
      return read(walk, action);
    case 'settle':
      return recordReading(walk);
    case 'settler dies':
      return settlerDies(walk);
    case 'settle by hand':
      return byHand(walk, action);
    case 'change':
      return changeWorld(walk, action);
    case 'revoke':
      return revoke(walk, action, variant);
    case 'switch off':
      return switchOff(walk);
  }
}
