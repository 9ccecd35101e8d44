import type { BlockAction, ButtonAction, RespondFn, webApi } from '@slack/bolt';
import type { Deciding } from '#approvals/context.ts';
import { adoptCopy } from '#outbox/deliveries.ts';
import { CHANNEL, toLane } from '#outbox/place.ts';
import { ApprovalError } from '#process/errors.ts';
import { slackFailure } from '../failure.ts';
import { type Pointer, readPointer } from '../view/actions.ts';
import { type Answering, refusal, sentence, tell } from './answer.ts';
import { type Serving, whoIs } from './who.ts';

/** A button as Bolt hands it over. */
export interface Pressed {
  body: BlockAction;
  action: ButtonAction;
  respond: RespondFn;
  client: webApi.WebClient;
  ack: () => Promise<void>;
}

/** A press by somebody who is known, on a button of a request. */
export interface Click {
  ctx: Deciding;
  pointer: Pointer;
  answering: Answering;
}

/** A message that shows a request, wherever it is, is kept true from now on, also one that nobody knew of. */
async function adopt(to: Serving, body: BlockAction, requestId: string): Promise<void> {
  const channel = body.channel?.id;
  const ts = body.message?.ts;
  if (channel === undefined || ts === undefined) return;
  const laneOf = (id: string) => toLane(id === to.channel ? CHANNEL : { kind: 'conversation', id });
  await adoptCopy(to.ctx, 'slack', requestId, { channel, ts }, laneOf);
}

const TOO_SLOW = 'That took too long for Slack. Press the button again.';

/**
 * What every press on a request has in common: who it is, that they learn why not, and that what they saw is brought
 * up to date. Slack is answered only when the work is done: what fails looks as if it had not been pressed.
 */
export async function onClick(to: Serving, pressed: Pressed, work: (click: Click) => Promise<void>): Promise<void> {
  const { body, action, respond, client, ack } = pressed;
  const answering: Answering = {
    respond,
    client,
    log: to.ctx.log,
    userId: body.user.id,
    channel: body.channel?.id,
    triggerId: body.trigger_id,
    inModal: body.view?.type === 'modal',
  };
  const clicker = { teamId: body.team?.id, userId: body.user.id, homeTeamId: body.user.team_id };
  const [who, pointer] = [await whoIs(to, clicker), readPointer(action.value)];
  if (!who.known || pointer === null) {
    await ack();
    const because = who.known ? 'This button can no longer be read. Open the request in Countersign.' : who.because;
    return tell(answering, sentence(because, { link: !who.known && who.linkable }));
  }
  let because: string | null = null;
  try {
    await work({ ctx: who.ctx, pointer, answering });
  } catch (error) {
    if (error instanceof ApprovalError) because = refusal(error);
    else if (slackFailure(error).words.endsWith('_trigger_id')) because = TOO_SLOW;
    else throw error;
  }
  // By now it is decided, whatever becomes of the copies.
  await adopt(to, body, pointer.requestId).catch(() => to.ctx.log.warn('a copy of a message was not noted'));
  await ack();
  if (because !== null) await tell(answering, sentence(because));
}
