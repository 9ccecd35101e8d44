import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { writeAudit } from '../audit.ts';
import { instant } from '../ids.ts';
import type { State } from '../state.ts';
import { grantToken, principalOf } from './credentials.ts';
import type { ActiveFault } from './faults.ts';
import type { ReceivedWrite } from './memory.ts';
import type { Play } from './play.ts';
import {
  type Incoming,
  invalid,
  isWrite,
  missingFrom,
  notFound,
  type Outgoing,
  Refusal,
  type Route,
  refusal,
} from './route.ts';
import { routeFor } from './routes.ts';

const CALLS_PER_MINUTE = 960;
const DEFAULT_DELAY_MS = 1000;

/** One HTTP call whose body has been read. */
export interface Exchange {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  text: string;
  requestId: string;
  response: ServerResponse;
}

type Prepared = { route: Route<State>; incoming: Incoming };

function header(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function bodyFrom({ method, headers, text }: Exchange): unknown {
  if (method === 'GET' || text === '') return undefined;
  if (!(header(headers['content-type']) ?? '').includes('json')) throw invalid('params must be a Hash');
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The body is not valid JSON.');
  }
}

/** Everything PagerDuty checks before it looks at the body. @throws Refusal. */
function admitted(play: Play, exchange: Exchange): Pick<Prepared, 'route'> & Omit<Incoming, 'body' | 'from'> {
  const now = play.now();
  const principal = principalOf(play.memory.state(), exchange.headers.authorization, now);
  if (principal === null) throw refusal(401, 2006, 'Authentication failed');
  const match = routeFor(exchange.method, exchange.path);
  if (match === null) throw notFound();
  const { route, params } = match;
  const lacksScope = principal.scopes !== null && route.scope !== null && !principal.scopes.includes(route.scope);
  if (lacksScope || (route.method !== 'GET' && !principal.mayWrite)) throw refusal(403, 2010, 'Access Denied');
  return { route, params, query: exchange.query, now, principal, channel: 'api' };
}

/** The body and the person named in `From`. @throws Refusal 400. */
function prepared(play: Play, exchange: Exchange, call: ReturnType<typeof admitted>): Prepared {
  const { route, ...rest } = call;
  const email = header(exchange.headers.from);
  const from = play.memory.state().users.find((user) => user.email.toLowerCase() === email?.toLowerCase()) ?? null;
  if (route.from === 'required') {
    if (email === null || email === '') throw missingFrom();
    if (from === null) throw refusal(400, 1008, 'Requester User Not Found');
  }
  return { route, incoming: { ...rest, body: bodyFrom(exchange), from } };
}

/** The answer behind a refusal, noted on the record of the write. */
function refused(play: Play, error: unknown, record: ReceivedWrite | null): Outgoing {
  if (!(error instanceof Refusal)) throw error;
  if (record !== null) {
    Object.assign(record, { outcome: 'refused', status: error.status });
    play.memory.keep();
  }
  return { status: error.status, body: error.body };
}

/** Runs a write on a copy of the state; the copy counts only if nothing was refused. */
function applied(play: Play, { route, incoming }: Prepared, record: ReceivedWrite | null): Outgoing {
  const draft = structuredClone(play.memory.state());
  let outgoing: Outgoing;
  try {
    outgoing = route.handle(draft, incoming);
  } catch (error) {
    return refused(play, error, record);
  }
  writeAudit(draft, route, incoming, outgoing);
  if (record !== null) {
    Object.assign(record, { outcome: 'applied', status: outgoing.status });
    const ledger = play.memory.ledger();
    ledger.push({ ...record, appliedNumber: ledger.length + 1, appliedAt: instant(incoming.now) });
  }
  play.memory.commit(draft);
  return outgoing;
}

/** Runs a call as the route says, without any fault. */
export function run(play: Play, call: Prepared, record: ReceivedWrite | null): Outgoing {
  if (isWrite(call.route)) return applied(play, call, record);
  try {
    return call.route.handle(play.memory.state(), call.incoming);
  } catch (error) {
    return refused(play, error, null);
  }
}

function rateHeaders(play: Play): Record<string, string> {
  const seconds = Math.floor(play.now().getTime() / 1000);
  const minute = Math.floor(seconds / 60);
  play.calls.count = play.calls.minute === minute ? play.calls.count + 1 : 1;
  play.calls.minute = minute;
  return {
    'ratelimit-limit': String(CALLS_PER_MINUTE),
    'ratelimit-remaining': String(Math.max(0, CALLS_PER_MINUTE - play.calls.count)),
    'ratelimit-reset': String(60 - (seconds % 60)),
  };
}

function send(play: Play, exchange: Exchange, outgoing: Outgoing): void {
  const headers = { 'x-request-id': exchange.requestId, ...rateHeaders(play) };
  if (outgoing.body === undefined) {
    exchange.response.writeHead(outgoing.status, headers).end();
    return;
  }
  const text = JSON.stringify(outgoing.body);
  exchange.response.writeHead(outgoing.status, { ...headers, 'content-type': 'application/json' }).end(text);
}

function sendRaw(exchange: Exchange, status: number, type: string, text: string): void {
  exchange.response.writeHead(status, { 'x-request-id': exchange.requestId, 'content-type': type }).end(text);
}

function later(play: Play, fault: ActiveFault | null, what: () => void): void {
  if (fault?.until !== undefined) return void fault.until.then(what);
  const timer = setTimeout(() => {
    play.timers.delete(timer);
    what();
  }, fault?.delayMs ?? DEFAULT_DELAY_MS);
  play.timers.add(timer);
}

const serverError = { status: 500, body: { error: { message: 'Internal Server Error', code: 2000 } } };

/** Faults that keep the call from being applied, at least for now. True = answered. */
function faultBefore(
  play: Play,
  exchange: Exchange,
  fault: ActiveFault,
  record: ReceivedWrite | null,
  go: () => Outgoing,
) {
  const untouched = (status: number | null) => {
    if (record === null) return;
    Object.assign(record, { outcome: 'not_applied', status });
    play.memory.keep();
  };
  switch (fault.kind) {
    case 'drop_before':
      untouched(null);
      exchange.response.destroy();
      return true;
    case 'late_apply':
      play.memory.keep();
      exchange.response.destroy();
      later(play, fault, go);
      return true;
    case 'rate_limit_json':
      untouched(429);
      send(play, exchange, { status: 429, body: { error: { message: 'Rate Limit Exceeded', code: 2020 } } });
      return true;
    case 'rate_limit_html':
      untouched(429);
      sendRaw(exchange, 429, 'text/html', '<html><body><center><h1>429 Too Many Requests</h1></center></body></html>');
      return true;
    case 'error_before':
      untouched(500);
      send(play, exchange, serverError);
      return true;
    case 'refuse':
      untouched(400);
      send(play, exchange, {
        status: 400,
        body: { error: { message: 'Arguments Caused Error', code: 2002, errors: ['Refused on request.'] } },
      });
      return true;
    default:
      return false;
  }
}

function answerWithFault(play: Play, exchange: Exchange, fault: ActiveFault | null, outgoing: Outgoing): void {
  switch (outgoing.status < 300 ? fault?.kind : undefined) {
    case 'drop_after':
      exchange.response.destroy();
      return;
    case 'error_after':
      send(play, exchange, serverError);
      return;
    case 'garbage':
      sendRaw(exchange, 200, 'application/json', '{"incident": {"id": "P');
      return;
    case 'slow':
      later(play, fault, () => send(play, exchange, outgoing));
      return;
    default:
      send(play, exchange, outgoing);
  }
}

/** Writes the arrival of a write down before anything can happen to it. */
function recorded(play: Play, exchange: Exchange, write: boolean): ReceivedWrite | null {
  if (!write) return null;
  let body: unknown = null;
  try {
    body = exchange.text === '' ? null : JSON.parse(exchange.text);
  } catch {
    body = null;
  }
  const requests = play.memory.requests();
  const record: ReceivedWrite = {
    number: requests.length + 1,
    requestId: exchange.requestId,
    method: exchange.method,
    path: exchange.path,
    body,
    bodyText: exchange.text,
    from: header(exchange.headers.from),
    at: instant(play.now()),
    outcome: 'pending',
    status: null,
  };
  requests.push(record);
  return record;
}

function judged(play: Play, exchange: Exchange, outgoing: Outgoing): void {
  if (play.judge === null || outgoing.status >= 300) return;
  const body = exchange.text === '' ? undefined : JSON.parse(exchange.text);
  // Through JSON, so that the judge sees what the client sees.
  const answer = outgoing.body === undefined ? undefined : JSON.parse(JSON.stringify(outgoing.body));
  const { method, path, query } = exchange;
  play.problems.push(
    ...play.judge.request(method, path, query, body).map((problem) => `request ${method} ${path}: ${problem}`),
    ...play.judge
      .answer(method, path, outgoing.status, answer)
      .map((problem) => `answer ${method} ${path}: ${problem}`),
  );
}

/** Answers one call of the REST API, with whatever fault waits for it. */
export function answerApi(play: Play, exchange: Exchange): void {
  if (exchange.method === 'POST' && exchange.path === '/oauth/token') {
    const draft = structuredClone(play.memory.state());
    const outgoing = grantToken(draft, new URLSearchParams(exchange.text), play.now());
    if (outgoing.status === 200) play.memory.commit(draft);
    send(play, exchange, outgoing);
    return;
  }
  const match = routeFor(exchange.method, exchange.path);
  const write = match === null ? exchange.method !== 'GET' : isWrite(match.route);
  const record = recorded(play, exchange, write);
  if (record !== null) play.say(`${exchange.method} ${exchange.path}`);
  let call: ReturnType<typeof admitted>;
  try {
    call = admitted(play, exchange);
  } catch (error) {
    send(play, exchange, refused(play, error, record));
    return;
  }
  const fault = play.faults.take({ method: exchange.method, path: exchange.path, write });
  const go = (): Outgoing => {
    try {
      const ready = prepared(play, exchange, { ...call, now: play.now() });
      if (fault?.kind === 'stale_read') return ready.route.handle(play.memory.before(), ready.incoming);
      return run(play, ready, record);
    } catch (error) {
      return refused(play, error, record);
    }
  };
  if (fault !== null && faultBefore(play, exchange, fault, record, go)) return;
  const outgoing = go();
  judged(play, exchange, outgoing);
  answerWithFault(play, exchange, fault, outgoing);
}
