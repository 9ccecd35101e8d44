import type { RespondFn, types, webApi } from '@slack/bolt';
import { ApprovalError } from '#process/errors.ts';
import type { Log } from '#process/log.ts';
import { ACTIONS } from '../view/actions.ts';
import { noticeModal } from '../view/modals.ts';
import { lines, text as literal, paragraph, plain } from '../view/text.ts';

/** What only the person who did something is told. */
export interface Told {
  text: string;
  blocks: types.AnyBlock[];
}

const linkButton: types.ActionsBlock = {
  type: 'actions',
  block_id: 'link',
  elements: [{ type: 'button', action_id: ACTIONS.link, text: plain('Link my account', 75) }],
};

/**
 * A sentence with names, notes and reasons in it that others wrote: nothing of it is parsed.
 * @param options.text what a notification says; of our own words alone.
 */
export function sentence(words: string, options: { link?: boolean; text?: string } = {}): Told {
  const { link = false, text = 'Countersign answered you.' } = options;
  const said: types.RichTextBlock = {
    type: 'rich_text',
    block_id: 'sentence',
    elements: [paragraph(literal(lines(words, 2800, 12)))],
  };
  return { text, blocks: link ? [said, linkButton] : [said] };
}

/** The one place where a refusal of a verb becomes words in Slack. */
export function refusal({ code, message }: ApprovalError): string {
  switch (code) {
    case 'not_found':
    case 'invalid':
    case 'forbidden':
    case 'conflict':
    case 'expired':
    case 'precondition_failed':
    case 'limit_exceeded':
      return message;
    case 'unavailable':
      return `${message} Nothing was changed; try again in a moment.`;
  }
}

/** The refusal's words; whatever else went wrong goes on to whoever logs it, and Slack shows that nothing happened. */
export function refusalIn(error: unknown): string {
  if (error instanceof ApprovalError) return refusal(error);
  throw error;
}

/** What it takes to answer whoever pressed something. */
export interface Answering {
  respond: RespondFn;
  client: webApi.WebClient;
  log: Log;
  userId: string;
  /** Where it was pressed; undefined = not in a conversation. */
  channel: string | undefined;
  triggerId: string;
  /** Whether it was pressed in a modal, on which another can be laid. */
  inModal: boolean;
}

/** Opens a modal, over the one that is open. */
export async function show({ client, triggerId, inModal }: Answering, view: types.ModalView): Promise<void> {
  if (inModal) await client.views.push({ trigger_id: triggerId, view });
  else await client.views.open({ trigger_id: triggerId, view });
}

/** Tells one person something. Where the answer's own way is used up or over, as a message that only they see. */
export async function tell(to: Answering, told: Told): Promise<void> {
  const { respond, client, log, userId, channel } = to;
  try {
    if (channel === undefined) return await show(to, noticeModal(told.blocks));
    await respond({ response_type: 'ephemeral', replace_original: false, ...told });
  } catch {
    if (channel === undefined) return log.warn('somebody could not be told why', { user: userId });
    await client.chat
      .postEphemeral({ channel, user: userId, ...told })
      .catch(() => log.warn('somebody could not be told why', { user: userId }));
  }
}
