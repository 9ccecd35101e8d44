import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi, answerResponse } from './api/api.ts';
import { createFaults } from './api/faults.ts';
import { createLimits } from './api/limits.ts';
import { bodyOf } from './api/wire.ts';
import * as company from './company.ts';
import { createSockets } from './delivery/sockets.ts';
import { type FakeSlack, handleOf } from './handle.ts';
import { answerPage } from './page/page-doors.ts';
import type { Play } from './play.ts';
import { createState } from './state.ts';

export type { Fault } from './api/faults.ts';
export type { FakeSlack } from './handle.ts';

export interface FakeSlackOptions {
  /** Default 0 = any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Ages of triggers and response_urls, time stamps and limits; signatures bear the machine's own time. */
  now?: () => Date;
  /** Defaults: those of `company.ts`. */
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
  /** Where clicks, commands and events are sent to, e.g. `http://127.0.0.1:4602/slack/events`; null = over a socket. */
  deliverTo?: string | null;
  /** How long Slack waits for an acknowledgement; default 3,000, which is Slack's own. */
  ackWithinMs?: number;
  /** Whether calls are limited as Slack's are; default false. */
  limits?: boolean;
}

async function serve(play: Play, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', play.url);
  const body = await bodyOf(request);
  if (body === null) {
    response.writeHead(413).end();
    return;
  }
  const exchange = { request, response, url, body };
  if (url.pathname.startsWith('/api/')) answerApi(play, exchange);
  else if (url.pathname.startsWith('/response/')) answerResponse(play, exchange);
  else await answerPage(play, exchange);
}

/** Starts a Slack to play with: stateful, over HTTP, with Slack's own rules and with faults on demand. */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const { port = 0, host = '127.0.0.1' } = options;
  const play: Play = {
    state: createState(),
    faults: createFaults(),
    limits: options.limits === true ? createLimits() : null,
    now: options.now ?? (() => new Date()),
    url: '',
    botToken: options.botToken ?? company.tokens.bot,
    appToken: options.appToken ?? company.tokens.app,
    signingSecret: options.signingSecret ?? company.signingSecret,
    deliverTo: options.deliverTo ?? null,
    ackWithinMs: options.ackWithinMs ?? 3_000,
    sockets: createSockets(),
  };
  const server = createServer((request, response) => {
    serve(play, request, response).catch((error: unknown) => {
      process.stderr.write(
        `playable Slack: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  play.sockets.attach(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // A listening TCP server has an AddressInfo; the other types of `address()` are for pipes and closed servers.
  play.url = `http://${host}:${(server.address() as AddressInfo).port}`;

  return handleOf(
    play,
    () =>
      new Promise((resolve) => {
        play.sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
}
