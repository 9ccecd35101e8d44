import type { types } from '@slack/bolt';
import { z } from 'zod';
import { Refusal } from '../api/refusal.ts';
import { pushModal, replaceView } from '../api/views.ts';
import { jsonObject, viewOf } from '../api/wire.ts';
import { isEmpty, placedElements, valuesOf } from '../blocks/elements.ts';
import type { SlackUser } from '../company.ts';
import { deliver } from '../delivery/delivery.ts';
import { viewClosed, viewSubmission } from '../delivery/payloads.ts';
import type { Play } from '../play.ts';
import { type Answer, type OpenView, topModal } from '../state.ts';
import { actor } from './people.ts';

/** Filling in and closing the modal that a person has before them. */

/** By action id, or by `block id/action id`: a text, the value of an option, or several. */
export type Filled = Record<string, string | string[]>;

const TROUBLE = 'We had some trouble connecting. Try again?';

function opened(play: Play, userId: string): { user: SlackUser; open: OpenView } {
  const user = actor(play, userId);
  const open = topModal(play.state, userId);
  if (open === undefined) throw new Error(`${user.realName} has no modal open.`);
  return { user, open };
}

/** What Slack finds missing before it tells the app. */
function missing(open: OpenView): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { blockId, element, input } of placedElements(open.view.blocks as types.KnownBlock[])) {
    const value = open.values[blockId]?.[element.action_id ?? ''];
    if (input === null) continue;
    if (isEmpty(value)) {
      if (input.optional !== true) errors[blockId] = 'Please complete this required field.';
    } else if (element.type === 'plain_text_input') {
      const { length } = value?.value ?? '';
      const { min_length: least = 0, max_length: most = 3000 } = element;
      if (length < least) errors[blockId] = `Use at least ${least} characters.`;
      if (length > most) errors[blockId] = `Use at most ${most} characters.`;
    }
  }
  return errors;
}

/** Types and chooses without submitting. @throws Error for a field or a value that is not there. */
function fillIn(open: OpenView, filled: Filled): void {
  const blocks = open.view.blocks as types.KnownBlock[];
  const known = placedElements(blocks).map(({ element }) => element.action_id ?? '');
  const exactly = placedElements(blocks).map(({ blockId, element }) => `${blockId}/${element.action_id}`);
  const strange = Object.keys(filled).filter((id) => !known.includes(id) && !exactly.includes(id));
  if (strange.length > 0) throw new Error(`There is no field ${strange.join(', ')}, only ${known.join(', ')}.`);
  open.values = valuesOf(blocks, open.values, filled);
}

/** Types and chooses in the modal on top, without submitting it. */
export function fill(play: Play, userId: string, filled: Filled): void {
  fillIn(opened(play, userId).open, filled);
}

const responseAction = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.literal('update'), view: z.unknown() }),
  z.object({ response_action: z.literal('push'), view: z.unknown() }),
  z.object({ response_action: z.literal('clear') }),
]);

function close(play: Play, ...gone: OpenView[]): void {
  play.state.modals = play.state.modals.filter((one) => !gone.includes(one));
}

/** Does with the modal what the acknowledgement says. @throws Refusal when it says nothing that Slack understands. */
function obey(play: Play, open: OpenView, body: string): void {
  if (body.trim() === '' || body.trim() === '{}') {
    close(play, open);
    return;
  }
  const said = responseAction.safeParse(jsonObject(body));
  if (!said.success) throw new Refusal('invalid_response');
  switch (said.data.response_action) {
    case 'errors': {
      const { errors } = said.data;
      const inputs = open.view.blocks.filter(({ type }) => type === 'input').map(({ block_id: id }) => id);
      if (!Object.keys(errors).every((id) => inputs.includes(id))) throw new Refusal('invalid_response');
      open.errors = errors;
      return;
    }
    case 'update':
      replaceView(play, open, viewOf(said.data.view, 'modal'));
      return;
    case 'push':
      pushModal(play, open.userId, viewOf(said.data.view, 'modal'));
      return;
    case 'clear':
      close(play, ...play.state.modals.filter(({ userId }) => userId === open.userId));
  }
}

/**
 * Fills in the modal on top and submits it; it stays open, with errors, when the app says so or does not answer.
 *
 * @throws Error when Slack would not have sent it, e.g. because a required field is empty; the field then shows why.
 */
export async function submit(play: Play, userId: string, filled: Filled = {}): Promise<Answer> {
  const { user, open } = opened(play, userId);
  if (open.view.type !== 'modal' || open.view.submit === undefined) throw new Error('There is no button to submit it.');
  fillIn(open, filled);
  open.notice = null;
  open.errors = missing(open);
  const [wrong] = Object.entries(open.errors);
  if (wrong !== undefined) throw new Error(`${wrong[0]}: ${wrong[1]}`);
  const answer = await deliver(play, 'interactive', viewSubmission(play, user, open));
  // The app may have closed or replaced it meanwhile.
  if (!play.state.modals.includes(open)) return answer;
  try {
    if (answer.status !== 200) throw new Refusal('no_answer');
    obey(play, open, answer.body);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    open.notice = TROUBLE;
  }
  return answer;
}

/** Closes the modal on top. @returns null when the app did not want to know. */
export async function closeModal(play: Play, userId: string): Promise<Answer | null> {
  const { user, open } = opened(play, userId);
  const { view } = open;
  const all = view.type === 'modal' && view.clear_on_close === true;
  close(play, ...(all ? play.state.modals.filter((one) => one.userId === userId) : [open]));
  if (view.type !== 'modal' || view.notify_on_close !== true) return null;
  return await deliver(play, 'interactive', viewClosed(user, open, all));
}
