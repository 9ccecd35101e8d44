import { z } from 'zod';
import { type Exchange, run } from './api.ts';
import { FAULT_KINDS } from './faults.ts';
import { playHtml, shownState } from './page.ts';
import type { Play } from './play.ts';
import type { Outgoing } from './route.ts';
import { routeFor } from './routes.ts';

const faultBody = z.object({
  match: z.object({ method: z.string().optional(), path: z.string().optional() }).optional(),
  kind: z.enum(FAULT_KINDS),
  times: z.int().positive().optional(),
  delayMs: z.int().nonnegative().optional(),
});

const humanBody = z.object({
  as: z.string(),
  method: z.enum(['POST', 'PUT', 'DELETE']),
  path: z.string(),
  body: z.unknown().optional(),
});

/** What a person does on PagerDuty's own website, behind the back of everybody here. */
export interface HumanAct {
  /** E-mail of the person. */
  as: string;
  method: string;
  path: string;
  body?: unknown;
}

/** Lets a person act as if on PagerDuty's website: applied at once, marked as such, not in the ledger. */
export function actAsHuman(play: Play, act: HumanAct): Outgoing {
  const from = play.memory.state().users.find(({ email }) => email === act.as);
  const match = routeFor(act.method, act.path);
  if (from === undefined || match === null) {
    return { status: 404, body: { error: `No person "${act.as}" or no operation ${act.method} ${act.path}.` } };
  }
  const principal = { kind: 'user' as const, userId: from.id, mayWrite: true, scopes: null };
  const incoming = {
    params: match.params,
    query: new URLSearchParams(),
    body: act.body,
    now: play.now(),
    principal,
    from,
    channel: 'website' as const,
  };
  return run(play, { route: match.route, incoming }, null);
}

function send(exchange: Exchange, status: number, body: unknown): void {
  exchange.response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

function parsed<T>(exchange: Exchange, schema: z.ZodType<T>): T | null {
  let body: unknown;
  try {
    body = JSON.parse(exchange.text);
  } catch {
    body = undefined;
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  send(exchange, 400, { error: z.prettifyError(result.error) });
  return null;
}

function addFault(play: Play, exchange: Exchange): void {
  const fault = parsed(exchange, faultBody);
  if (fault !== null) send(exchange, 201, play.faults.add(fault));
}

function human(play: Play, exchange: Exchange): void {
  const act = parsed(exchange, humanBody);
  if (act === null) return;
  const outgoing = actAsHuman(play, act);
  send(exchange, outgoing.status === 204 ? 200 : outgoing.status, outgoing.body ?? {});
}

const DOORS: Record<string, (play: Play, exchange: Exchange) => void> = {
  'GET /': (play, { response }) => {
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(playHtml(play));
  },
  'GET /_play/state': (play, exchange) => send(exchange, 200, shownState(play)),
  'GET /_play/ledger': (play, exchange) =>
    send(exchange, 200, { count: play.memory.ledger().length, writes: play.memory.ledger() }),
  'GET /_play/requests': (play, exchange) =>
    send(exchange, 200, { count: play.memory.requests().length, writes: play.memory.requests() }),
  'GET /_play/faults': (play, exchange) => send(exchange, 200, { faults: play.faults.list() }),
  'POST /_play/faults': addFault,
  'DELETE /_play/faults': (play, exchange) => {
    play.faults.clear();
    send(exchange, 200, { faults: [] });
  },
  'POST /_play/human': human,
  'POST /_play/reset': (play, exchange) => {
    play.faults.clear();
    play.memory.reset();
    send(exchange, 200, { reset: true });
  },
};

/** Answers the doors that PagerDuty does not have: the page, the ledger, faults, a person's hand, reset. */
export function answerPlay(play: Play, exchange: Exchange): void {
  const door = DOORS[`${exchange.method} ${exchange.path}`];
  if (door === undefined) send(exchange, 404, { error: 'There is no such door.' });
  else door(play, exchange);
}
