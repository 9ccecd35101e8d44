import type { KeyObject } from 'node:crypto';
import type { Clock } from '#db/clock.ts';
import type { Database } from '#db/connection.ts';
import type { Actor } from '#identity/actor.ts';
import type { OnCallReader } from '#pagerduty/on-call.ts';
import type { ReadClient } from '#pagerduty/read-client.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import type { Log } from '#process/log.ts';
import type { Limits } from './limits.ts';
import type { TouchedReader } from './touched.ts';

/** What a verb needs from the process that calls it. Only entry files build one. */
export interface Context {
  db: Database;
  /** Can only read. */
  pagerduty: ReadClient;
  onCall: OnCallReader;
  touched: TouchedReader;
  actor: Actor;
  now: Clock;
  limits: Limits;
  /** Encrypts what only humans may see; null in a process that neither records nor shows it. */
  secretsKey: KeyObject | null;
  /** The only toolsets that any agent may have here; null = all. */
  toolsets: readonly Toolset[] | null;
  log: Log;
}

/** What deciding needs: who is on call and what is touched, both of which a process may have from the database. */
export type Deciding = Pick<Context, 'db' | 'onCall' | 'touched' | 'actor' | 'now' | 'limits' | 'log'>;
