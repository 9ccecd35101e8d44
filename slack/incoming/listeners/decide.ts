import type { App, BlockAction, ButtonAction, ViewSubmitAction } from '@slack/bolt';
import { checkReview } from '#approvals/check-review.ts';
import type { Deciding } from '#approvals/context.ts';
import { denyReason } from '#approvals/deny-reasons.ts';
import { createHandover } from '#approvals/handover.ts';
import { MEANING } from '#approvals/lifecycle.ts';
import { review } from '#approvals/review.ts';
import { getForSlack } from '#approvals/views/slack-view.ts';
import { ACTIONS, type Pointer, readPointer, VIEWS } from '../../view/actions.ts';
import { denyModal, doneModal, handoverModal, refusalModal, reviewModal } from '../../view/modals.ts';
import { needsWeb } from '../../view/request-blocks.ts';
import { refusalIn, show } from '../answer.ts';
import { onClick } from '../click.ts';
import { type Serving, whoIs } from '../who.ts';

type Button = BlockAction<ButtonAction>;
const button = (actionId: string) => ({ type: 'block_actions', action_id: actionId }) as const;

function onButtons(app: App, to: Serving): void {
  app.action<Button>(button(ACTIONS.approve), (pressed) =>
    onClick(to, { ...pressed }, async ({ ctx, pointer }) => {
      await review(ctx, { ...pointer, decision: 'approve' });
    }),
  );
  // Whoever may not gets no modal to fill in vain.
  app.action<Button>(button(ACTIONS.deny), (pressed) =>
    onClick(to, { ...pressed }, async ({ ctx, pointer, answering }) => {
      await checkReview(ctx, { ...pointer, decision: 'deny' });
      await show(answering, denyModal(await getForSlack(ctx, pointer.requestId)));
    }),
  );
  app.action<Button>(button(ACTIONS.review), (pressed) =>
    onClick(to, { ...pressed }, async ({ ctx, pointer, answering }) => {
      await checkReview(ctx, { ...pointer, decision: 'approve' });
      await show(answering, reviewModal(await getForSlack(ctx, pointer.requestId)));
    }),
  );
}

/** The person and the request behind a modal that was sent. A modal that is not ours is nobody's. */
async function sentBy(
  to: Serving,
  { team, user, view }: ViewSubmitAction,
): Promise<{ problem: string } | { ctx: Deciding; pointer: Pointer }> {
  const who = await whoIs(to, { teamId: team?.id, userId: user.id, homeTeamId: user.team_id });
  const pointer = readPointer(view.private_metadata);
  if (!who.known) return { problem: who.because };
  if (pointer === null) return { problem: 'This form can no longer be read. Open the request in Countersign.' };
  return { ctx: who.ctx, pointer };
}

/** What a modal becomes when it was sent: the refusal in words, something else, or null = it closes. */
async function outcomeOf(work: () => Promise<ReturnType<typeof doneModal> | null>) {
  try {
    return await work();
  } catch (error) {
    return refusalModal(refusalIn(error));
  }
}

function said({ view }: ViewSubmitAction, block: string): string {
  const field = view.state.values[block]?.[block];
  return field?.selected_option?.value ?? field?.value ?? '';
}

async function approveOrHandOver(to: Serving, ctx: Deciding, pointer: Pointer) {
  const view = await getForSlack(ctx, pointer.requestId);
  if (needsWeb(view)) {
    const token = await createHandover(ctx, pointer);
    return handoverModal(view, `${to.publicUrl}/step-up/${token}`);
  }
  const { status } = await review(ctx, { ...pointer, decision: 'approve' });
  return doneModal(
    MEANING[status].phase === 'waiting'
      ? 'Approved. One more person must approve it too.'
      : 'Approved. It is sent now.',
  );
}

function onForms(app: App, to: Serving): void {
  app.view<ViewSubmitAction>({ callback_id: VIEWS.deny, type: 'view_submission' }, async ({ ack, body }) => {
    const sent = await sentBy(to, body);
    const next = await outcomeOf(async () => {
      if ('problem' in sent) return refusalModal(sent.problem);
      const reason = denyReason(said(body, 'reason'), said(body, 'note'));
      await review(sent.ctx, { ...sent.pointer, decision: 'deny', ...(reason === undefined ? {} : { reason }) });
      return null;
    });
    await (next === null ? ack() : ack({ response_action: 'update', view: next }));
  });
  app.view<ViewSubmitAction>({ callback_id: VIEWS.review, type: 'view_submission' }, async ({ ack, body }) => {
    const sent = await sentBy(to, body);
    const next = await outcomeOf(async () =>
      'problem' in sent ? refusalModal(sent.problem) : approveOrHandOver(to, sent.ctx, sent.pointer),
    );
    await (next === null ? ack() : ack({ response_action: 'update', view: next }));
  });
}

/** Approving, denying and reviewing, by buttons and modals. */
export function listenForDecisions(app: App, to: Serving): void {
  onButtons(app, to);
  onForms(app, to);
  // A button that opens a page is told of as well, and wants an answer.
  for (const actionId of [ACTIONS.open, ACTIONS.queue]) app.action(actionId, async ({ ack }) => ack());
}
