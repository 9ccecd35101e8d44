import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Exchange } from '../api/api.ts';
import type { Fault } from '../api/faults.ts';
import { startOver } from '../handle.ts';
import { closeModal, fill, submit } from '../people/filling.ts';
import { click, clickHome, clickModal, command, openHome, say } from '../people/people.ts';
import type { Play } from '../play.ts';
import type { Answer } from '../state.ts';
import { ASSETS, CONTENT_SECURITY_POLICY, page, seenBy } from './page.ts';
import { screen } from './page-screen.ts';

/** The doors that Slack does not have: the page, what people do on it, faults and starting over. */

const values = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const element = { blockId: z.string(), actionId: z.string(), value: z.array(z.string()).optional() };
const who = { as: z.string() };

const act = z.discriminatedUnion('act', [
  z.object({ act: z.literal('click'), ...who, ...element, channel: z.string(), ts: z.string() }),
  z.object({ act: z.literal('clickHome'), ...who, ...element }),
  z.object({ act: z.literal('clickModal'), ...who, ...element, values }),
  z.object({ act: z.literal('submit'), ...who, values }),
  z.object({ act: z.literal('close'), ...who }),
  z.object({ act: z.literal('openHome'), ...who }),
  z.object({ act: z.literal('type'), ...who, channel: z.string(), text: z.string().min(1) }),
]);

async function run(play: Play, done: z.infer<typeof act>): Promise<Answer | null> {
  const { as } = done;
  switch (done.act) {
    case 'click':
      return await click(play, as, done, done.actionId, done);
    case 'clickHome':
      return await clickHome(play, as, done.actionId, done.blockId, done);
    case 'clickModal':
      fill(play, as, done.values);
      return await clickModal(play, as, done.actionId, done);
    case 'submit':
      return await submit(play, as, done.values);
    case 'close':
      return await closeModal(play, as);
    case 'openHome':
      return await openHome(play, as);
    case 'type':
      if (done.text.startsWith('/')) return await command(play, as, done.channel, done.text);
      say(play, as, done.channel, done.text);
      return null;
  }
}

const FAULTS: Record<string, Fault> = {
  rate_limited: { kind: 'rate_limited', retryAfterSeconds: 5 },
  status: { kind: 'status', status: 503, done: false },
  lost: { kind: 'reset', done: true },
};

function send(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

const parsed = <T>(schema: z.ZodType<T>, text: string): T | null => {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

async function doAct(play: Play, { response, body }: Exchange): Promise<void> {
  const done = parsed(act, body);
  if (done === null) {
    send(response, 400, { error: 'That is nothing one can do here.' });
    return;
  }
  try {
    send(response, 200, { answer: await run(play, done) });
  } catch (error) {
    // What nobody could do: a required field is empty, or the message is gone by now. It is told, and no mishap.
    send(response, 200, { error: error instanceof Error ? error.message : String(error) });
  }
}

type Door = (play: Play, exchange: Exchange) => void | Promise<void>;

const DOORS: Record<string, Door> = {
  'GET /': (play, { response, url }) => {
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .end(page(play, seenBy(play, url.searchParams)).source);
  },
  'GET /_play/screen': (play, { response, url }) => {
    const { main, modal, title } = screen(play, seenBy(play, url.searchParams));
    const waiting = play.faults.list().length;
    send(response, 200, { main: main.source, modal: modal.source, title, waiting });
  },
  'POST /_play/act': doAct,
  'POST /_play/fault': (play, { response, body }) => {
    const fault = FAULTS[parsed(z.object({ kind: z.string() }), body)?.kind ?? ''];
    if (fault !== undefined) play.faults.add(fault);
    send(response, fault === undefined ? 400 : 201, {});
  },
  'POST /_play/reset': (play, { response }) => {
    startOver(play);
    send(response, 200, {});
  },
};

/**
 * Whether a request comes from this page or from no page at all. Another page that the same browser has open must not
 * click here, nor may one that got a name of its own for this address.
 */
function isFromHere(play: Play, { request }: Exchange): boolean {
  const { host = '', origin } = request.headers;
  const { port } = new URL(play.url);
  const own = [new URL(play.url).host, `localhost:${port}`, `127.0.0.1:${port}`];
  return own.includes(host) && (origin === undefined || origin === `http://${host}`);
}

/** Answers everything that is not Slack's. */
export async function answerPage(play: Play, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  const asset = ASSETS[url.pathname];
  const door = DOORS[`${request.method} ${url.pathname}`];
  if (!isFromHere(play, exchange)) send(response, 403, { error: 'Only this page itself may do that.' });
  else if (asset !== undefined) response.writeHead(200, { 'content-type': asset.type }).end(asset.text);
  else if (door !== undefined) await door(play, exchange);
  else send(response, 404, { error: 'There is no such door.' });
}
