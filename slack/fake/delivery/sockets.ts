import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { app } from '../company.ts';
import type { Answer, DeliveryKind } from '../state.ts';

/** Socket Mode: the app opens sockets to Slack and hears there what would be posted to it otherwise. */

/** Why Slack asks for a new connection; `link_disabled` = Socket Mode was switched off. */
export type DisconnectReason = 'refresh_requested' | 'warning' | 'link_disabled';

export interface Sockets {
  /** How many can be sent to. */
  count(): number;
  /** Sends to one of them and waits for the acknowledgement. @param retry how often it was sent before. */
  send(kind: DeliveryKind, payload: unknown, withinMs: number, retry?: number): Promise<Answer>;
  /** The right to open one socket. */
  issueTicket(): string;
  /** Says goodbye to the oldest socket, or to all when Socket Mode is switched off. */
  disconnect(reason: DisconnectReason): void;
  attach(server: Server): void;
  close(): void;
}

/** Slack pings, and apps take it for dead when it does not. */
const PING_MS = 5_000;
/** How long a socket that was told to go may stay. */
const LEAVE_WITHIN_MS = 10_000;

const acknowledgement = z.object({ envelope_id: z.string(), payload: z.unknown().optional() });

interface Pending {
  socket: WebSocket;
  done: (status: number, body: string) => void;
}

function parsed(data: unknown): z.infer<typeof acknowledgement> | null {
  try {
    return acknowledgement.safeParse(JSON.parse(String(data))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const debugInfo = { host: 'applink-playable', build_number: 1, approximate_connection_time: 18_060 };

function envelope(id: string, kind: DeliveryKind, payload: unknown, retry: number): string {
  const event = kind === 'events_api';
  return JSON.stringify({
    envelope_id: id,
    type: kind,
    payload,
    accepts_response_payload: !event,
    ...(event ? { retry_attempt: retry, retry_reason: retry > 0 ? 'timeout' : '' } : {}),
  });
}

export function createSockets(): Sockets {
  const door = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const waiting = new Map<string, Pending>();
  /** In the order of their coming; those that were told to go are not sent to any more. */
  let open: WebSocket[] = [];
  let turn = 0;

  function settle(id: string, status: number, body: string): void {
    const pending = waiting.get(id);
    waiting.delete(id);
    pending?.done(status, body);
  }

  function welcome(socket: WebSocket): void {
    open.push(socket);
    const pinging = setInterval(() => socket.ping(), PING_MS);
    socket.on('message', (data: unknown) => {
      const said = parsed(data);
      // Bolt acknowledges with an empty payload what it has nothing to say to; over HTTP it says nothing.
      const payload = JSON.stringify(said?.payload ?? {});
      if (said !== null) settle(said.envelope_id, 200, payload === '{}' ? '' : payload);
    });
    socket.once('close', () => {
      clearInterval(pinging);
      open = open.filter((one) => one !== socket);
      for (const [id, pending] of waiting) if (pending.socket === socket) settle(id, 0, 'dispatch_failed');
    });
    const hello = { type: 'hello', connection_info: { app_id: app.id }, num_connections: open.length };
    socket.send(JSON.stringify({ ...hello, debug_info: debugInfo }));
  }

  return {
    count: () => open.length,
    send(kind, payload, withinMs, retry = 0) {
      const socket = open[turn++ % Math.max(1, open.length)];
      if (socket === undefined) return Promise.resolve({ status: 0, body: 'dispatch_failed', ackMs: 0 });
      const id = randomUUID();
      const startedAt = performance.now();
      return new Promise((resolve) => {
        const late = setTimeout(settle, withinMs, id, 0, 'operation_timeout');
        const done = (status: number, body: string) => {
          clearTimeout(late);
          resolve({ status, body, ackMs: performance.now() - startedAt });
        };
        waiting.set(id, { socket, done });
        socket.send(envelope(id, kind, payload, retry));
      });
    },
    issueTicket() {
      const ticket = randomUUID();
      tickets.add(ticket);
      return ticket;
    },
    disconnect(reason) {
      const leaving = reason === 'link_disabled' ? open : open.slice(0, 1);
      open = open.filter((one) => !leaving.includes(one));
      for (const socket of leaving) {
        socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: debugInfo }));
        setTimeout(() => socket.terminate(), LEAVE_WITHIN_MS).unref();
      }
    },
    attach(server) {
      server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://slack');
        const known = pathname === '/link' && tickets.delete(searchParams.get('ticket') ?? '');
        if (known) door.handleUpgrade(request, stream, head, welcome);
        else stream.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      });
    },
    close() {
      for (const socket of door.clients) socket.terminate();
    },
  };
}
