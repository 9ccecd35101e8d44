import { randomBytes } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { ApprovalError } from '#process/errors.ts';
import type { Log } from '#process/log.ts';
import { answer, type Envelope } from './envelope.ts';

/** Which tool was called, and whether a refusal of it means that nothing was held. */
export interface Called {
  tool: string;
  kind: 'write' | 'read' | 'companion';
}

function advice(error: ApprovalError): string {
  switch (error.code) {
    case 'invalid':
      return ' Mend the arguments and call again.';
    case 'forbidden':
      return ' Calling again will not help.';
    case 'precondition_failed':
      return ' Read what is there now before asking for anything else.';
    case 'limit_exceeded':
    case 'unavailable':
      return error.retryAfterSeconds === null ? '' : ` Try again after ${error.retryAfterSeconds} s.`;
    case 'not_found':
    case 'conflict':
    case 'expired':
      return '';
  }
}

function refused(called: Called, said: string, executed: false | null, status: 'not_held' | 'error'): CallToolResult {
  if (called.kind === 'read') return { content: [{ type: 'text', text: said }], isError: true };
  const nothing = { request_id: null, title: null, expires_at: null };
  const envelope: Envelope = { status, tool: called.tool, executed, explanation: said, ...nothing };
  return answer([said], envelope, true);
}

/** The agent's own doing: a sentence it can act on. */
export function refuse(called: Called, sentence: string): CallToolResult {
  if (called.kind !== 'write') return refused(called, sentence, null, 'error');
  return refused(called, `${sentence} Nothing was held and nothing was sent.`, false, 'not_held');
}

/** Where it happened, without the message: that may hold what an agent or PagerDuty wrote. */
function place(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const frame = error.stack?.split('\n').find((line) => line.startsWith('    at '));
  return `${error.name}${frame === undefined ? '' : ` ${frame.trim()}`}`;
}

/** What a failed call answers. Only the sentences of our own errors reach the agent; anything else gets an id. */
export function failed(called: Called, error: unknown, log: Log): CallToolResult {
  if (error instanceof ApprovalError) return refuse(called, `${error.message}${advice(error)}`);
  const id = `err_${randomBytes(6).toString('hex')}`;
  log.error('a call failed', { tool: called.tool, error: `${id} ${place(error)}` });
  const sentence =
    called.kind === 'write'
      ? `Countersign failed (${id}). It is not known whether the ask was held: list_my_requests shows it. Do not call ${called.tool} again before you looked.`
      : `Countersign failed (${id}). Try again.`;
  return refused(called, sentence, null, 'error');
}
