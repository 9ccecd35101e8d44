import type { types } from '@slack/bolt';
import { DENY_REASONS } from '#approvals/deny-reasons.ts';
import type { SlackQueue } from '#approvals/views/slack-queue.ts';
import type { SlackView } from '#approvals/views/slack-view.ts';
import { ACTIONS, pointer, VIEWS } from './actions.ts';
import { queueBlocks } from './home.ts';
import {
  agentSays,
  blockId,
  change,
  context,
  exactCall,
  facts,
  header,
  needsWeb,
  riskOf,
  titleOf,
} from './request-blocks.ts';
import { bold, bullets, LIMITS, lines, oneLine, paragraph, plain, text } from './text.ts';

const NOTE_CHARACTERS = 400;
const NAME_CHARACTERS = 120;

const modal = (name: string, close: string, blocks: types.KnownBlock[]): types.ModalView => ({
  type: 'modal',
  title: plain(name, LIMITS.modalTitle),
  close: plain(close, LIMITS.modalTitle),
  blocks,
});

/** Our own words. */
const say = (words: string): types.SectionBlock => ({ type: 'section', text: plain(words, LIMITS.section) });

/** What somebody is told who pressed something outside of a conversation. */
export const noticeModal = (blocks: types.AnyBlock[]): types.ModalView => ({
  ...modal('Countersign', 'Close', []),
  blocks,
});

const link = (words: string, url: string): types.ActionsBlock => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: ACTIONS.open, style: 'primary', text: plain(words, LIMITS.button), url }],
});

const factsBlock = (view: SlackView): types.SectionBlock => ({
  type: 'section',
  block_id: blockId(view, 'facts'),
  fields: facts(view, false),
});

/** Asks why; neither answer is needed to say no. */
export function denyModal(view: SlackView): types.ModalView {
  const options = DENY_REASONS.map((word) => ({ text: plain(word, LIMITS.option), value: word }));
  return {
    ...modal('Deny', 'Go back', [
      header(view, view.toolTitle),
      factsBlock(view),
      // What it would do matters no more; what is denied does.
      change({ ...view, decidable: false }),
      {
        type: 'input',
        block_id: 'reason',
        optional: true,
        label: plain('Why?', LIMITS.section),
        element: {
          type: 'static_select',
          action_id: 'reason',
          placeholder: plain('Choose a reason', LIMITS.placeholder),
          options,
        },
      },
      {
        type: 'input',
        block_id: 'note',
        optional: true,
        label: plain('Note', LIMITS.section),
        hint: plain('The agent sees this text.', LIMITS.section),
        element: { type: 'plain_text_input', action_id: 'note', multiline: true, max_length: NOTE_CHARACTERS },
      },
    ]),
    callback_id: VIEWS.deny,
    private_metadata: pointer(view),
    submit: plain('Deny', LIMITS.modalTitle),
  };
}

function riskReasons(view: SlackView): types.RichTextBlock[] {
  if (view.riskReasons.length === 0) return [];
  const reasons = view.riskReasons.slice(0, 10).map((reason) => oneLine(reason, 300));
  const elements = [paragraph(bold(`${riskOf(view)} because`)), bullets(reasons)];
  return [{ type: 'rich_text', block_id: blockId(view, 'risk'), elements }];
}

/** Everything to decide by. Submitting it approves, or leads to the web where Slack is not enough. */
export function reviewModal(view: SlackView): types.ModalView {
  const alert: types.AlertBlock = {
    type: 'alert',
    level: 'warning',
    text: plain(
      `${riskOf(view)}: it is approved on the web, because Slack cannot ask again who you are.`,
      LIMITS.section,
    ),
  };
  const onWeb = needsWeb(view);
  const submit = onWeb ? 'Continue on the web' : 'Approve';
  return {
    ...modal('Review', 'Close', [
      ...(onWeb && view.decidable ? [alert] : []),
      header(view),
      factsBlock(view),
      ...riskReasons(view),
      change(view),
      ...agentSays(view),
      context(view),
      ...exactCall(view),
    ]),
    callback_id: VIEWS.review,
    private_metadata: pointer(view),
    ...(view.decidable ? { submit: plain(submit, LIMITS.modalTitle) } : {}),
  };
}

/** @param url one-use, for the person who sees it. */
export function handoverModal(view: SlackView, url: string): types.ModalView {
  return modal('Continue on the web', 'Close', [
    header(view, view.toolTitle),
    { type: 'rich_text', elements: [titleOf(view.summary.title)] },
    say('This link is yours alone. It works once, for 5 minutes, and for exactly this:'),
    { type: 'context', elements: [plain(`sha256:${view.digest}`, LIMITS.context)] },
    link('Open Countersign', url),
  ]);
}

/** A sentence may repeat what others wrote. */
const told = (sentence: string): types.RichTextBlock => ({
  type: 'rich_text',
  elements: [paragraph(text(lines(sentence, 1000, 8)))],
});

export const refusalModal = (sentence: string): types.ModalView => modal('Not done', 'Close', [told(sentence)]);

export const doneModal = (sentence: string): types.ModalView => modal('Done', 'Close', [told(sentence)]);

/** What leads somebody to linking their account. */
export interface LinkOffer {
  /** One-use, for the Slack user who sees it. */
  url: string;
  /** The person they decide as already; null = nobody. */
  linkedTo: string | null;
}

export function linkModal({ url, linkedTo }: LinkOffer): types.ModalView {
  const already = [
    'You are linked already. To decide as somebody else, type /countersign unlink first. You decide as:',
    oneLine(linkedTo ?? '', NAME_CHARACTERS),
  ].join('\n');
  return modal('Link your account', 'Close', [
    ...(linkedTo === null ? [] : [say(already)]),
    say('Sign in to Countersign once, so that what you decide in Slack counts as yours.'),
    say('This link is yours alone: whoever opens it links you to their account. It works once, for 10 minutes.'),
    link('Link my account', url),
  ]);
}

/** @param publicUrl the dashboard, without a slash at the end. */
export function queueModal(queue: SlackQueue, publicUrl: string): types.ModalView {
  return { ...modal('My approvals', 'Close', queueBlocks(queue, publicUrl)), callback_id: VIEWS.queue };
}
