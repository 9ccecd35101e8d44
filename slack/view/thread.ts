import type { types } from '@slack/bolt';
import { FALLBACK } from '#approvals/limits.ts';
import type { SlackSummons, SlackView } from '#approvals/views/slack-view.ts';
import { actions } from './buttons.ts';
import { messageOf, type SlackMessage } from './message.ts';
import { account, because, blockId, exactCall, fingerprint, headline, riskOf, titleOf } from './request-blocks.ts';
import { counted, date, LIMITS, marked, mentions, names, plain } from './text.ts';

/** What stands below the message of a request, in its thread. */

const section = (view: SlackView, part: string, text: types.SectionBlock['text']): types.SectionBlock => ({
  type: 'section',
  block_id: blockId(view, part),
  text,
});

/** @param publicUrl the dashboard, without a slash at the end. */
export function buildCall(view: SlackView, publicUrl: string): SlackMessage {
  const over: SlackView = { ...view, decidable: false };
  return messageOf(view, `The exact call: ${view.toolTitle}.`, [...exactCall(view), actions(over, publicUrl)]);
}

/** What became of it; null while nothing has. What is not known is told as that. */
export function buildOutcome(view: SlackView, publicUrl: string): SlackMessage | null {
  if (view.meaning.phase !== 'over' && view.meaning.phase !== 'unclear') return null;
  const words = `${headline(view)}.`;
  const sentences = [words, ...account(view, 'above')];
  return messageOf(view, words, [
    section(view, 'outcome', plain(sentences.join('\n'), LIMITS.section, sentences.length)),
    { type: 'rich_text', block_id: blockId(view, 'why'), elements: [titleOf(view.summary.title), ...because(view)] },
    { type: 'context', block_id: blockId(view, 'id'), elements: [plain(fingerprint(view), LIMITS.context)] },
    actions(view, publicUrl),
  ]);
}

const stillTheirs = ({ handedTo }: SlackSummons) => handedTo === null;

/** Calls the fallback group; null unless it was summoned and somebody can still decide. */
export function buildFallbackCall(view: SlackView): SlackMessage | null {
  const group = view.summoned.filter((summons) => summons.level === FALLBACK && stillTheirs(summons));
  if (group.length === 0 || !view.decidable) return null;
  const left = view.reviewsRequired - view.approvals.length;
  const others = view.summoned.some(({ level }) => level !== FALLBACK);
  const nobody = others ? 'Nobody on call has answered yet' : 'This went to the fallback group';
  const silence =
    view.approvals.length === 0 ? nobody : `${counted(left, 'approval is', 'approvals are')} still needed`;
  // Low risk calls nobody, whoever was summoned.
  const { mentioned, named } = view.risk === 'low' ? { mentioned: '', named: names(group) } : mentions(group);
  const call = mentioned === '' ? `${silence}.` : `${silence}. ${mentioned}, please decide.`;
  return messageOf(view, `${silence}. ${headline(view)}. ${riskOf(view)}.`, [
    section(view, 'fallback', marked(call)),
    ...(named === '' ? [] : [section(view, 'named', plain(`In the fallback group: ${named}`, LIMITS.section))]),
  ]);
}

/** Reminds one of those who were summoned; null unless they were nudged and it still waits for them. */
export function buildNudge(view: SlackView, personId: string): SlackMessage | null {
  const summons = view.summoned.find((one) => one.personId === personId);
  const approved = view.approvals.some((approval) => approval.personId === personId);
  if (summons === undefined || !summons.nudged || !stillTheirs(summons) || approved || !view.decidable) return null;
  return messageOf(view, `Still waiting for you: ${view.toolTitle}. ${riskOf(view)}.`, [
    section(view, 'nudge', marked(`Still waiting for you. Decide before ${date(view.expiresAt, '{time}')}.`)),
  ]);
}
