import type { IncomingMessage, ServerResponse } from 'node:http';
import type { webApi } from '@slack/bolt';
import type { Play } from '../play.ts';
import { getPermalink, postEphemeral, postMessage, remove, update } from './chat.ts';
import {
  appsConnectionsOpen,
  authTest,
  conversationsInfo,
  conversationsOpen,
  usersInfo,
  usersLookupByEmail,
} from './directory.ts';
import type { Fault } from './faults.ts';
import type { Tier } from './limits.ts';
import { Refusal } from './refusal.ts';
import { respond } from './response-url.ts';
import { viewsOpen, viewsPublish, viewsPush, viewsUpdate } from './views.ts';
import { argumentsOf, type Wire } from './wire.ts';

/** One method of the Web API. */
interface Method {
  run: (play: Play, wire: Wire) => webApi.WebAPICallResult;
  tier: Tier;
  /** Which token may call it. */
  token: 'bot' | 'app';
}

const method = (run: Method['run'], tier: Tier, token: Method['token'] = 'bot'): Method => ({ run, tier, token });

const METHODS = new Map<string, Method>([
  ['auth.test', method(authTest, 4)],
  ['chat.postMessage', method(postMessage, 'post')],
  ['chat.update', method(update, 3)],
  ['chat.delete', method(remove, 3)],
  ['chat.postEphemeral', method(postEphemeral, 4)],
  ['chat.getPermalink', method(getPermalink, 4)],
  ['conversations.open', method(conversationsOpen, 3)],
  ['conversations.info', method(conversationsInfo, 3)],
  ['users.info', method(usersInfo, 4)],
  ['users.lookupByEmail', method(usersLookupByEmail, 3)],
  ['views.open', method(viewsOpen, 4)],
  ['views.push', method(viewsPush, 4)],
  ['views.update', method(viewsUpdate, 4)],
  ['views.publish', method(viewsPublish, 4)],
  ['apps.connections.open', method(appsConnectionsOpen, 1, 'app')],
]);

interface Result {
  status: number;
  headers?: Record<string, string>;
  body: webApi.WebAPICallResult & { error?: string; errors?: string[] };
}

const refused = ({ code, details }: Refusal): Result['body'] => ({
  ok: false,
  error: code,
  ...(details.length === 0
    ? {}
    : { errors: [...details], response_metadata: { messages: details.map((line) => `[ERROR] ${line}`) } }),
});

/** Runs a method as somebody with this token. */
function act(play: Play, name: string, token: string | undefined, wire: Wire): Result {
  const known = METHODS.get(name);
  try {
    if (known === undefined) throw new Refusal('unknown_method');
    if (token === undefined || token === '') throw new Refusal('not_authed');
    const kind = token === play.botToken ? 'bot' : token === play.appToken ? 'app' : null;
    if (kind === null) throw new Refusal('invalid_auth');
    if (kind !== known.token) throw new Refusal('not_allowed_token_type');
    const call = { method: name, tier: known.tier, channel: wire.channel ?? '' };
    const wait = play.limits?.take(call, play.now()) ?? null;
    if (wait !== null) {
      return { status: 429, headers: { 'retry-after': String(wait) }, body: { ok: false, error: 'ratelimited' } };
    }
    return { status: 200, body: known.run(play, wire) };
  } catch (error) {
    if (error instanceof Refusal) return { status: 200, body: refused(error) };
    throw error;
  }
}

function sendJson(response: ServerResponse, { status, headers = {}, body }: Result): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}

/** What the app hears instead of the truth, or when it hears that. */
function sendFault(fault: Fault, { request, response }: Exchange, truth: () => void): void {
  switch (fault.kind) {
    case 'rate_limited':
      response.writeHead(429, { 'retry-after': String(fault.retryAfterSeconds) }).end();
      return;
    case 'status':
      response.writeHead(fault.status).end('upstream connect error');
      return;
    case 'error':
      sendJson(response, { status: 200, body: { ok: false, error: fault.error } });
      return;
    case 'page':
      response.setHeader('content-type', 'text/html').end('<h1>Please sign in</h1>');
      return;
    case 'reset':
      request.socket.destroy();
      return;
    case 'silent':
      return;
    case 'late':
      void fault.until.then(truth);
      return;
  }
}

const isDone = (fault: Fault | null) => fault === null || fault.kind === 'late' || ('done' in fault && fault.done);

/** A request as it came in, with its body. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  body: string;
}

/** Token and arguments; null when it could not be read, which was then answered. */
function incoming({ request, response, url, body }: Exchange): { token: string | undefined; wire: Wire } | null {
  const given = argumentsOf(request.headers['content-type'] ?? '', body);
  if (given === null) {
    sendJson(response, { status: 200, body: { ok: false, error: 'invalid_json' } });
    return null;
  }
  const { token, ...wire } = { ...Object.fromEntries(url.searchParams), ...given };
  return { token: request.headers.authorization?.replace(/^Bearer /, '') ?? token, wire };
}

/** Answers `/api/<method>`. */
export function answerApi(play: Play, exchange: Exchange): void {
  const { response, url } = exchange;
  const name = url.pathname.slice('/api/'.length);
  const call = incoming(exchange);
  if (call === null) return;
  const { token, wire } = call;
  const fault = play.faults.take(name);
  const result = isDone(fault) ? act(play, name, token, wire) : null;
  const done = result?.body.ok === true;
  play.state.calls.push({ method: name, token, arguments: wire, at: play.now(), done });
  const truth = () => {
    if (result !== null) sendJson(response, result);
  };
  if (fault === null) truth();
  else sendFault(fault, exchange, truth);
}

function refusedResponse(refusal: Refusal): Result {
  const gone = refusal.code === 'used_url' || refusal.code === 'expired_url';
  return { status: gone ? 404 : 400, body: refused(refusal) };
}

/** Answers what the app says at a `response_url`. */
export function answerResponse(play: Play, exchange: Exchange): void {
  const { response, url } = exchange;
  const call = incoming(exchange);
  if (call === null) return;
  const { wire } = call;
  const fault = play.faults.take('response_url');
  let refusal: Refusal | null = null;
  if (isDone(fault)) {
    try {
      respond(play, url.pathname.slice('/response/'.length), wire);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error;
    }
  }
  const done = isDone(fault) && refusal === null;
  play.state.calls.push({ method: 'response_url', token: undefined, arguments: wire, at: play.now(), done });
  const truth = () =>
    sendJson(response, refusal === null ? { status: 200, body: { ok: true } } : refusedResponse(refusal));
  if (fault === null) truth();
  else sendFault(fault, exchange, truth);
}
