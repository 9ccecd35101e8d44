import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/node';
import { localhostAllowedHostnames } from '@modelcontextprotocol/server';
import { parseStrictJson } from '#approvals/canonical.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { ApprovalError } from '#process/errors.ts';

/** The largest body that is read, 128 KB. An ask may hold 32 KB of arguments; escaped, they may take three times that. */
export const BODY_BYTES = 128 * 1024;

/** What was let in: one JSON-RPC message, or a tool call whose arguments are ambiguous and must be refused in words. */
export type Message = { kind: 'message'; body: JsonObject } | { kind: 'ambiguous'; body: JsonObject; because: string };

/** The framing is wrong, so there is no call to answer. */
export class Malformed extends Error {
  readonly code: -32700 | -32600;

  constructor(code: -32700 | -32600, message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers outside of any call. */
export function refuseHttp(
  response: ServerResponse,
  status: number,
  error: { code: number; message: string },
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
}

/**
 * Says whether a request comes from where it may; if not, it has been answered with 403. A page that a browser was
 * tricked into sending here has a foreign Host (DNS rebinding) or a foreign Origin.
 */
export function createAddressCheck(hosts: readonly string[]) {
  const allowed = [...localhostAllowedHostnames(), ...hosts];
  const [host, origin] = [hostHeaderValidation(allowed), originValidation(allowed)];
  return (request: IncomingMessage, response: ServerResponse) => host(request, response) && origin(request, response);
}

/** The bearer token of a request; null without one. A token in the URL would end in logs, so it is not looked at. */
export function bearer(request: IncomingMessage): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token ?? null;
}

/** The raw body; null when it is too large. Its bytes are what the digest is made from, so it is read once, here. */
export async function bodyOf(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed(-32700, 'The body is not valid JSON.');
  }
}

/**
 * Parses a body that two readers could not understand differently.
 * @throws Malformed unless it is one JSON-RPC message, strict or at least recognisable as a tool call.
 */
export function messageFrom(text: string): Message {
  const body = parse(text);
  if (Array.isArray(body)) throw new Malformed(-32600, 'Send one message at a time: batches are not accepted.');
  if (!isObject(body)) throw new Malformed(-32600, 'The body is not a JSON-RPC message.');
  try {
    parseStrictJson(text);
    return { kind: 'message', body };
  } catch (error) {
    // Nesting that exhausts the stack ends here too.
    const because = error instanceof ApprovalError ? error.message : 'The JSON is nested too deeply.';
    const { id = null, method, params } = body;
    if (method !== 'tools/call' || id === null || !isObject(params)) throw new Malformed(-32600, because);
    // Nobody may act on ambiguous arguments, so they end here.
    return { kind: 'ambiguous', body: { ...body, params: { ...params, arguments: {} } }, because };
  }
}

/** The id that a `notifications/cancelled` names; null when it names none. */
export function cancelledId({ params }: JsonObject): string | number | null {
  const id = isObject(params) ? params.requestId : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
