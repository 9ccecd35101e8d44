import type { Server } from 'node:http';
import type { Answer, DeliveryKind } from './delivery.ts';

export interface Sockets {
  count(): number;
  send(kind: DeliveryKind, payload: unknown, withinMs: number, retry?: number): Promise<Answer>;
  issueTicket(): string;
  disconnect(reason: string): void;
  attach(server: Server): void;
  close(): void;
}
export function createSockets(): Sockets {
  return {
    count: () => 0,
    send: async () => ({ status: 0, body: '', ackMs: 0 }),
    issueTicket: () => '',
    disconnect: () => undefined,
    attach: () => undefined,
    close: () => undefined,
  };
}
