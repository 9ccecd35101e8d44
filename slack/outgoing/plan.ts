import { createHash } from 'node:crypto';
import type { SlackView } from '#approvals/views/slack-view.ts';
import type { Place } from '#outbox/place.ts';
import { buildDirectMessage, buildMessage, type SlackMessage } from '../view/message.ts';
import { buildCall, buildFallbackCall, buildNudge, buildOutcome } from '../view/thread.ts';
import type { Receipt } from './receipt.ts';

/** The next thing to be said in one place, one call to Slack each. */
export interface Part {
  /** `message`, or the name of a reply in its thread. */
  name: string;
  content: SlackMessage;
  shown: string;
  /** The message or reply to bring up to date; null = to be posted. */
  ts: string | null;
}

export const hashOf = (content: unknown) =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);

/** What a message says apart from what is new each time: block ids change with the version. */
function shownBy({ text, blocks }: SlackMessage): string {
  return hashOf([text, blocks.map(({ block_id: _, ...block }) => block)]);
}

/** Where a request is told of by itself. */
export type PlaceOfRequest = Extract<Place, { kind: 'channel' | 'person' | 'copy' }>;

/** Who was summoned there; null = nobody, as in the channel. */
function summonedAt(view: SlackView, place: PlaceOfRequest): string | null {
  if (place.kind !== 'person') return null;
  return view.summoned.some(({ personId }) => personId === place.personId) ? place.personId : null;
}

function messageFor(view: SlackView, place: PlaceOfRequest, publicUrl: string): SlackMessage {
  const personId = summonedAt(view, place);
  return personId === null ? buildMessage(view, publicUrl) : buildDirectMessage(view, personId, publicUrl);
}

/** Replies that belong under a message, in order. Copies that somebody found have none. */
function repliesFor(
  view: SlackView,
  place: PlaceOfRequest,
  publicUrl: string,
): [name: string, content: SlackMessage | null][] {
  if (place.kind === 'channel') {
    return [
      ['call', buildCall(view, publicUrl)],
      ['fallback', buildFallbackCall(view)],
      ['outcome', buildOutcome(view, publicUrl)],
    ];
  }
  const personId = summonedAt(view, place);
  return personId === null ? [] : [['nudge', buildNudge(view, personId)]];
}

/** What is to be said next in that place; null = all of it has been said. */
export function nextPart(view: SlackView, place: PlaceOfRequest, receipt: Receipt, publicUrl: string): Part | null {
  const content = messageFor(view, place, publicUrl);
  const shown = shownBy(content);
  if (receipt.ts === undefined) return { name: 'message', content, shown, ts: null };
  if (receipt.shown !== shown) return { name: 'message', content, shown, ts: receipt.ts };
  for (const [name, reply] of repliesFor(view, place, publicUrl)) {
    const said = receipt.replies?.[name];
    if (reply === null || said === null) continue;
    const now = shownBy(reply);
    // The call never changes, and a reminder is said once; only the outcome may turn out differently.
    if (said === undefined) return { name, content: reply, shown: now, ts: null };
    if (name === 'outcome' && said.shown !== now) return { name, content: reply, shown: now, ts: said.ts };
  }
  return null;
}
