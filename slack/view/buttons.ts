import type { types } from '@slack/bolt';
import type { SlackView } from '#approvals/views/slack-view.ts';
import { ACTIONS, pointer } from './actions.ts';
import { blockId, needsWeb, showsAll } from './request-blocks.ts';
import { cut, LIMITS, oneLine, plain } from './text.ts';

const TARGET_CHARACTERS = 120;

function button(view: SlackView, actionId: string, words: string): types.Button {
  return {
    type: 'button',
    action_id: actionId,
    text: plain(words, LIMITS.button),
    value: pointer(view),
    // On its own "Approve" does not say what.
    accessibility_label: cut(`${words} ${view.toolTitle}`, LIMITS.button),
  };
}

/** Leads to the request on the web, where everything of it is shown. */
const openButton = (view: SlackView, publicUrl: string): types.Button => ({
  ...button(view, ACTIONS.open, 'Open in Countersign'),
  url: `${publicUrl}/r/${encodeURIComponent(view.id)}`,
});

/** A line of its own behind our words: others wrote the name. */
const targetOf = ({ summary }: SlackView) => `Target: ${oneLine(summary.target, TARGET_CHARACTERS)}`;

const approveButton = (view: SlackView): types.Button => ({
  ...button(view, ACTIONS.approve, 'Approve'),
  style: 'primary',
  confirm: {
    title: plain('Approve this change?', LIMITS.confirmTitle),
    text: plain(`${view.toolTitle}. It is sent to PagerDuty at once.\n${targetOf(view)}`, LIMITS.confirm, 2),
    confirm: plain('Approve', LIMITS.confirmButton),
    deny: plain('Go back', LIMITS.confirmButton),
  },
});

/** Buttons are pointers: whoever presses one is asked again who they are and what they may. */
export function actions(view: SlackView, publicUrl: string): types.ActionsBlock {
  const direct = !needsWeb(view) && showsAll(view);
  const approve = !direct ? button(view, ACTIONS.review, 'Review to approve…') : approveButton(view);
  const decide = view.decidable ? [approve, button(view, ACTIONS.deny, 'Deny…')] : [];
  return { type: 'actions', block_id: blockId(view, 'actions'), elements: [...decide, openButton(view, publicUrl)] };
}

/** Leads to everything that waits, on the web. */
export const queueButton = (publicUrl: string): types.Button => ({
  type: 'button',
  action_id: ACTIONS.queue,
  text: plain('Open the queue', LIMITS.button),
  url: `${publicUrl}/queue`,
});
