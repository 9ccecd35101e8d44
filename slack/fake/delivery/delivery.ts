import { createHmac } from 'node:crypto';
import type { Play } from '../play.ts';
import type { Answer, Delivery, DeliveryKind } from '../state.ts';

/** `x-slack-signature` of a body. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signature(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** The headers of a signed body. The time is the machine's own, which is what the app compares it with. */
export function signedHeaders(secret: string, body: string, timestamp?: string): Record<string, string> {
  const at = timestamp ?? String(Math.floor(Date.now() / 1000));
  return { 'x-slack-request-timestamp': at, 'x-slack-signature': signature(secret, at, body) };
}

const FORM = 'application/x-www-form-urlencoded';

function encoded(kind: DeliveryKind, payload: object): { body: string; contentType: string } {
  switch (kind) {
    case 'interactive':
      return { body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), contentType: FORM };
    case 'slash_commands':
      return { body: new URLSearchParams(Object.entries(payload)).toString(), contentType: FORM };
    case 'events_api':
      return { body: JSON.stringify(payload), contentType: 'application/json' };
  }
}

/** Sends bytes to the app and waits for its answer as long as Slack would. */
export async function post(play: Play, body: string, headers: Record<string, string>): Promise<Answer> {
  const startedAt = performance.now();
  const done = (status: number, text: string): Answer => ({
    status,
    body: text,
    ackMs: performance.now() - startedAt,
  });
  if (play.deliverTo === null) return done(0, 'nobody to deliver to');
  try {
    const signal = AbortSignal.timeout(play.ackWithinMs);
    const response = await fetch(play.deliverTo, { method: 'POST', body, headers, redirect: 'manual', signal });
    return done(response.status, await response.text());
  } catch (error) {
    // Whatever went wrong on the way, Slack only knows that nobody answered.
    const late = error instanceof Error && error.name === 'TimeoutError';
    return done(0, late ? 'operation_timeout' : 'dispatch_failed');
  }
}

/** Delivers a payload: to the address that was set, else over a socket. */
export async function deliver(play: Play, kind: DeliveryKind, payload: object): Promise<Answer> {
  if (play.deliverTo === null && play.sockets.count() > 0) {
    const delivery: Delivery = { kind, body: JSON.stringify(payload), headers: {}, over: 'socket', answer: null };
    play.state.deliveries.push(delivery);
    delivery.answer = await play.sockets.send(kind, payload, play.ackWithinMs);
    return delivery.answer;
  }
  const { body, contentType } = encoded(kind, payload);
  const headers = {
    'content-type': contentType,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    ...signedHeaders(play.signingSecret, body),
  };
  const delivery: Delivery = { kind, body, headers, over: 'http', answer: null };
  play.state.deliveries.push(delivery);
  delivery.answer = await post(play, body, headers);
  return delivery.answer;
}

/** Sends an earlier delivery again, byte for byte. @throws Error when there is none of that number. */
export async function redeliver(play: Play, number: number, retryHeaders: Record<string, string>): Promise<Answer> {
  const delivery = play.state.deliveries.at(number);
  if (delivery === undefined) throw new Error(`There is no delivery number ${number}.`);
  const { kind, body, headers, over } = delivery;
  if (over === 'http') return await post(play, body, { ...headers, ...retryHeaders });
  return await play.sockets.send(
    kind,
    JSON.parse(body),
    play.ackWithinMs,
    Number(retryHeaders['x-slack-retry-num'] ?? 0),
  );
}
