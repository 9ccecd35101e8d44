import type { Faults } from './api/faults.ts';
import type { Limits } from './api/limits.ts';
import type { Sockets } from './delivery/sockets.ts';
import type { State } from './state.ts';

/** What the parts of this Slack share. */
export interface Play {
  state: State;
  faults: Faults;
  /** Null = nobody counts. */
  limits: Limits | null;
  /** Of ids, ages of triggers and limits; signatures bear the machine's own time. */
  now: () => Date;
  /** Where this Slack is, without a slash at the end. */
  url: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  /** Where people's acts are sent to; null = over a socket, if there is one. */
  deliverTo: string | null;
  /** How long Slack waits for an acknowledgement. */
  ackWithinMs: number;
  sockets: Sockets;
}
