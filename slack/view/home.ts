import type { types } from '@slack/bolt';
import type { SlackQueue, SlackQueueItem } from '#approvals/views/slack-queue.ts';
import { ACTIONS, pointer } from './actions.ts';
import { queueButton } from './buttons.ts';
import { blockId, riskOf, titleOf } from './request-blocks.ts';
import { counted, cut, date, escaped, LIMITS, marked, oneLine, paragraph, plain, text } from './text.ts';

/** Two blocks each; Slack takes 50 in a message and 100 in a view. */
const ROWS = 20;
const NAME_CHARACTERS = 120;
const NAMES_CHARACTERS = 300;

/** Nothing is approved from a list: a row leads to everything that there is to read. */
function row(item: SlackQueueItem, index: number): types.KnownBlock[] {
  const { toolTitle, services, agentName, expiresAt } = item;
  const names = [...services, agentName].map((name) => oneLine(name, NAME_CHARACTERS)).join(' · ');
  return [
    {
      type: 'section',
      block_id: blockId(item, 'row'),
      text: marked(
        `*${escaped(toolTitle, LIMITS.header)}*\n${riskOf(item)} · decide before ${date(expiresAt, '{time}')}`,
      ),
      accessory: {
        type: 'button',
        action_id: ACTIONS.review,
        text: plain('Review…', LIMITS.button),
        value: pointer(item),
        accessibility_label: cut(`Review number ${index + 1}: ${toolTitle}`, LIMITS.button),
      },
    },
    {
      type: 'rich_text',
      block_id: blockId(item, 'what'),
      elements: [titleOf(item.title), paragraph(text(cut(names, NAMES_CHARACTERS)))],
    },
  ];
}

const say = (words: string): types.SectionBlock => ({ type: 'section', text: plain(words, LIMITS.section) });

const note = (...elements: types.ContextBlock['elements']): types.ContextBlock => ({ type: 'context', elements });

/**
 * What waits for a person, for a message, a modal or their home: at most 45 blocks.
 *
 * @param publicUrl the dashboard, without a slash at the end.
 */
export function queueBlocks(
  queue: SlackQueue,
  publicUrl: string,
  empty = 'Nothing waits for you.',
): types.KnownBlock[] {
  const { waiting, forOthers } = queue;
  const left = waiting.length - ROWS;
  const others = `${counted(forOthers, 'waits', 'wait')} for others.`;
  return [
    ...(waiting.length === 0
      ? [say(empty)]
      : [{ type: 'header' as const, text: plain(`${waiting.length} waiting for you`, LIMITS.header) }]),
    ...waiting.slice(0, ROWS).flatMap(row),
    ...(left > 0 ? [note(plain(`… ${left} more in Countersign`, LIMITS.context))] : []),
    ...(forOthers > 0 ? [note(plain(others, LIMITS.context))] : []),
    { type: 'actions', elements: [queueButton(publicUrl)] },
  ];
}

/** What a person's home shows. */
export type HomeState = { linked: true; name: string; queue: SlackQueue } | { linked: false };

const NOT_LINKED: types.KnownBlock[] = [
  say(
    'Your Slack account is not linked to Countersign, so you cannot decide anything in Slack. Guests cannot link theirs.',
  ),
  {
    type: 'actions',
    elements: [
      { type: 'button', action_id: ACTIONS.link, style: 'primary', text: plain('Link my account', LIMITS.button) },
    ],
  },
];

/** @param publicUrl the dashboard, without a slash at the end. */
export function buildHome(state: HomeState, publicUrl: string, updatedAt: Date): types.HomeView {
  const updated = marked(`Updated ${date(updatedAt, '{time_secs}')}`);
  if (!state.linked) return { type: 'home', blocks: [...NOT_LINKED, note(updated)] };
  const empty = 'Nothing waits for you. New requests show up here by themselves.';
  const who = plain(`You decide as ${oneLine(state.name, NAME_CHARACTERS)}`, LIMITS.context);
  return { type: 'home', blocks: [...queueBlocks(state.queue, publicUrl, empty), note(who, updated)] };
}
