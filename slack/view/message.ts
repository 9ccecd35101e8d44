import type { types } from '@slack/bolt';
import { FALLBACK } from '#approvals/limits.ts';
import type { SlackSummons, SlackView } from '#approvals/views/slack-view.ts';
import { actions, queueButton } from './buttons.ts';
import {
  account,
  agentSays,
  blockId,
  change,
  context,
  facts,
  fingerprint,
  header,
  headline,
  riskOf,
} from './request-blocks.ts';
import { counted, escaped, LIMITS, oneLine, plain } from './text.ts';

export interface SlackMessage {
  /** What a notification and a screen reader say; our own words only, because Slack parses it. */
  text: string;
  blocks: types.KnownBlock[];
  /** Other apps in the channel may read it. */
  metadata?: types.MessageMetadata;
}

/** A message about a request. @param words our own. */
export function messageOf(view: SlackView, words: string, blocks: types.KnownBlock[]): SlackMessage {
  const { id, version, status } = view;
  return {
    text: escaped(words, LIMITS.section),
    blocks,
    metadata: { event_type: 'countersign_request', event_payload: { request_id: id, version, status } },
  };
}

/**
 * The message of a request for its channel, from its present state alone.
 *
 * @param publicUrl the dashboard, without a slash at the end.
 */
export function buildMessage(view: SlackView, publicUrl: string): SlackMessage {
  return messageOf(view, `${headline(view)}. ${riskOf(view)}.`, [
    header(view),
    { type: 'section', block_id: blockId(view, 'facts'), fields: facts(view, true) },
    change(view),
    ...agentSays(view),
    context(view),
    actions(view, publicUrl),
  ]);
}

interface Part {
  /** Why they were told. */
  because: string;
  /** Whether it still takes them. */
  theirs: boolean;
}

function partOf(view: SlackView, { handedTo, level, personId }: SlackSummons): Part {
  if (handedTo !== null) return { because: `${oneLine(handedTo, 300) || 'Nobody'} has the shift now.`, theirs: false };
  if (view.approvals.some((approval) => approval.personId === personId)) {
    const left = view.reviewsRequired - view.approvals.length;
    const rest = view.decidable && left > 0 ? ` ${counted(left, 'more person', 'more people')} must.` : '';
    return { because: `You have approved it.${rest}`, theirs: false };
  }
  const you = view.decidable ? 'You are' : 'You were';
  return {
    because: level === FALLBACK ? `${you} in the fallback group.` : `${you} on call (level ${level}).`,
    theirs: true,
  };
}

/**
 * The message of a request for one of those who were summoned: why they are, and theirs to act on. Whoever has handed
 * it over, has approved it or was never summoned finds nothing to press but the way to Countersign.
 *
 * @param publicUrl the dashboard, without a slash at the end.
 */
export function buildDirectMessage(view: SlackView, personId: string, publicUrl: string): SlackMessage {
  const summons = view.summoned.find((one) => one.personId === personId);
  const { because, theirs } =
    summons === undefined ? { because: 'You were not asked to decide it.', theirs: false } : partOf(view, summons);
  const shown: SlackView = { ...view, decidable: view.decidable && theirs };
  const handedOver = summons !== undefined && summons.handedTo !== null;
  const words = handedOver ? `Handed over: ${view.toolTitle}` : headline(view);
  const sentences = [because, ...account(shown, 'below'), fingerprint(shown)];
  return messageOf(view, `${words}. ${riskOf(view)}.${theirs ? ` ${because}` : ''}`, [
    header(view, words),
    {
      type: 'section',
      block_id: blockId(view, 'facts'),
      text: plain(sentences.join('\n'), LIMITS.section, sentences.length),
      fields: facts(shown, false),
    },
    change(shown),
    ...agentSays(shown),
    actions(shown, publicUrl),
  ]);
}

/** Stands for the messages of many requests that came at once. */
export interface Flood {
  total: number;
  waiting: number;
  lane: string;
}

/** @param publicUrl the dashboard, without a slash at the end. */
export function buildFlood({ total, waiting, lane }: Flood, publicUrl: string): SlackMessage {
  const rest = waiting === 0 ? 'none waits any more' : `${waiting} still ${waiting === 1 ? 'waits' : 'wait'}`;
  const words = `${counted(total, 'more request', 'more requests')} came within a minute; ${rest}.`;
  const id = (part: string) => `${part}:${lane.slice(0, 100)}:${total}:${waiting}`;
  return {
    text: words,
    blocks: [
      { type: 'section', block_id: id('flood'), text: plain(words, LIMITS.section) },
      { type: 'actions', block_id: id('queue'), elements: [queueButton(publicUrl)] },
    ],
  };
}
