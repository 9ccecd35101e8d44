import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { company } from '../company.ts';
import type { State } from '../state.ts';
import { answerApi, type Exchange } from './api.ts';
import { actAsHuman, answerPlay, type HumanAct } from './doors.ts';
import { createFaults, type Faults } from './faults.ts';
import { type AppliedWrite, createMemory, type ReceivedWrite } from './memory.ts';
import type { Judge, Play } from './play.ts';

export interface FakePagerDutyOptions {
  /** Default 0 = any free port; always on 127.0.0.1. */
  port?: number;
  /** Where the state is kept; without it everything is forgotten at the end. */
  stateFile?: string;
  now?: () => Date;
  /** Default `company`. */
  seed?: 'company' | 'empty';
  /** With false, one line per write goes to stderr; default true. */
  quiet?: boolean;
  /** Fills `problems` with whatever it finds in the exchanges. */
  judge?: Judge | null;
}

export interface FakePagerDuty {
  url: string;
  port: number;
  company: typeof company;
  /** The state as it is now; do not change it in place. */
  state(): State;
  /** Changes the state behind everybody's back; not in the ledger. */
  change(edit: (state: State) => void): void;
  /** Lets a person act on PagerDuty's website; not in the ledger. */
  human(act: HumanAct): { status: number; body?: unknown };
  /** Every write that was applied, in order. */
  ledger(): AppliedWrite[];
  /** Every write that arrived, applied or not. */
  requests(): ReceivedWrite[];
  faults: Pick<Faults, 'add' | 'clear' | 'list'>;
  /** What the judge found; empty without one. */
  problems: string[];
  reset(): void;
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 4_000_000;

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function serve(play: Play, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const text = await bodyOf(request);
  if (text === null) {
    response.writeHead(413).end();
    return;
  }
  const exchange: Exchange = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    text,
    requestId: randomUUID(),
    response,
  };
  if (url.pathname === '/' || url.pathname.startsWith('/_play')) answerPlay(play, exchange);
  else answerApi(play, exchange);
}

/** Starts a PagerDuty to play with: stateful, on HTTP, with PagerDuty's own rules and faults on demand. */
export async function startFakePagerDuty(options: FakePagerDutyOptions = {}): Promise<FakePagerDuty> {
  const { port = 0, stateFile, now = () => new Date(), seed = 'company', quiet = true, judge = null } = options;
  const play: Play = {
    memory: createMemory({ stateFile, seed, now }),
    faults: createFaults(),
    now,
    judge,
    problems: [],
    timers: new Set(),
    calls: { minute: 0, count: 0 },
    say: (line) => {
      if (!quiet) process.stderr.write(`playable PagerDuty: ${line}\n`);
    },
  };
  const server = createServer((request, response) => {
    serve(play, request, response).catch((error: unknown) => {
      play.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // A listening TCP server has an AddressInfo; the other types of `address()` are for pipes and closed servers.
  const listening = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    company,
    state: () => play.memory.state(),
    change(edit) {
      const draft = structuredClone(play.memory.state());
      edit(draft);
      play.memory.commit(draft);
    },
    human: (act) => actAsHuman(play, act),
    ledger: () => play.memory.ledger(),
    requests: () => play.memory.requests(),
    faults: play.faults,
    problems: play.problems,
    reset() {
      play.faults.clear();
      play.memory.reset();
    },
    close: () =>
      new Promise((resolve) => {
        for (const timer of play.timers) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
