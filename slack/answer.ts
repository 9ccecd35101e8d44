import type { RespondFn, types, webApi } from '@slack/bolt';
import { ApprovalError } from '#approvals/errors.ts';
import type { Log } from '#approvals/log.ts';
import { ACTIONS } from './actions.ts';
import { escaped, plain } from './text.ts';

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

/** A sentence of ours, with names in it that others wrote: nothing of it is parsed. */
export function sentence(words: string, options: { link?: boolean } = {}): Told {
  const section: types.SectionBlock = { type: 'section', block_id: 'sentence', text: plain(words, 2900) };
  return { text: escaped(words, 2900), blocks: options.link ? [section, linkButton] : [section] };
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

export interface Asked {
  respond: RespondFn;
  client: webApi.WebClient;
  log: Log;
  userId: string;
  channel: string | undefined;
}

/** Tells one person something. Where the answer's own way is used up or over, as a message that only they see. */
export async function tell({ respond, client, log, userId, channel }: Asked, told: Told): Promise<void> {
  try {
    await respond({ response_type: 'ephemeral', replace_original: false, ...told });
  } catch {
    if (channel === undefined) return;
    await client.chat
      .postEphemeral({ channel, user: userId, ...told })
      .catch(() => log.warn('somebody could not be told why', { user: userId }));
  }
}
