import type { IncomingMessage } from 'node:http';
import type { types } from '@slack/bolt';
import { z } from 'zod';
import { LARGEST_VIEW_BYTES, type Problem } from '../blocks/rules.ts';
import { validateBlocks, validateView } from '../blocks/schema.ts';
import type { Content } from '../state.ts';
import { Refusal } from './refusal.ts';

/** Arguments of a call as they are on the wire: everything is text, blocks and views are JSON in text. */
export type Wire = Record<string, string>;

const MOST_BODY_BYTES = 4_000_000;
/** Characters. @see https://docs.slack.dev/reference/methods/chat.update */
const MOST_TEXT = { post: 40_000, update: 4_000 };

/** The body of a request; null when it is far too long. */
export async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const anyObject = z.record(z.string(), z.unknown());

/** A JSON object; null when it is none. */
export function jsonObject(text: string): Record<string, unknown> | null {
  try {
    return anyObject.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Arguments from a form, as Slack's own client sends them, or from JSON; null for JSON that is none. */
export function argumentsOf(contentType: string, body: string): Wire | null {
  if (!contentType.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(body));
  const given = jsonObject(body === '' ? '{}' : body);
  return given === null ? null : toWire(given);
}

/** The same arguments as a form would have them. */
export function toWire(given: Record<string, unknown>): Wire {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** Slack's client writes booleans as words, others as digits. */
export const flag = (wire: Wire, name: string): boolean => ['true', '1'].includes(wire[name] ?? '');

/** JSON within an argument; undefined when the argument is not there. @throws Refusal with the code. */
export function nested(wire: Wire, name: string, otherwise: string): unknown {
  const text = wire[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal(otherwise);
    throw error;
  }
}

const details = (problems: Problem[]) => problems.map(({ message, pointer }) => `${message} [json-pointer:${pointer}]`);

function checkedBlocks(wire: Wire): types.KnownBlock[] {
  const blocks = nested(wire, 'blocks', 'invalid_blocks_format') ?? [];
  if (!Array.isArray(blocks)) throw new Refusal('invalid_blocks_format');
  const problems = validateBlocks(blocks, 'message');
  if (problems.length > 0) throw new Refusal('invalid_blocks', details(problems));
  return blocks;
}

/**
 * What a message says. Slack itself takes blocks without a text; here they are refused, because phones and screen
 * readers would have nothing to say.
 *
 * @throws Refusal `no_text`, `msg_too_long`, `invalid_blocks_format`, `invalid_blocks`.
 */
export function contentOf(wire: Wire, kind: keyof typeof MOST_TEXT): Content {
  const blocks = checkedBlocks(wire);
  const text = wire.text ?? '';
  if (text.trim() === '') throw new Refusal('no_text');
  if (text.length > MOST_TEXT[kind]) throw new Refusal('msg_too_long');
  return { text, blocks };
}

const metadataShape = z.object({ event_type: z.string().min(1), event_payload: anyObject });

/** Undefined when none was given, null when it is to be removed. @throws Refusal for another shape. */
export function metadataOf(wire: Wire): unknown {
  const given = nested(wire, 'metadata', 'invalid_metadata_format');
  if (given === undefined) return undefined;
  if (typeof given === 'object' && given !== null && Object.keys(given).length === 0) return null;
  const parsed = metadataShape.safeParse(given);
  if (!parsed.success) throw new Refusal('invalid_metadata_schema');
  return parsed.data;
}

/** A view that was checked. @throws Refusal `view_too_large`, `invalid_arguments`. */
export function viewOf<T extends 'modal' | 'home'>(given: unknown, type: T): Extract<types.View, { type: T }> {
  const size = Buffer.byteLength(JSON.stringify(given ?? null));
  if (size > LARGEST_VIEW_BYTES) throw new Refusal('view_too_large');
  const problems = validateView(given, type);
  if (problems.length > 0) throw new Refusal('invalid_arguments', details(problems));
  // The schema has just found it to be exactly this.
  return given as Extract<types.View, { type: T }>;
}
