import type { types } from '@slack/bolt';
import type { SlackView } from '#approvals/slack-view.ts';
import { visible } from '#pagerduty/visible-text.ts';

export const OPEN_ACTION = 'open';

/** Characters. @see https://docs.slack.dev/reference/block-kit/blocks */
const LIMITS = { header: 150, field: 2000, context: 2000, code: 2900 };
const SHOWN = { nameCharacters: 300, valueCharacters: 300, valueLines: 4, changes: 12, effects: 8 };

const RISKS: Record<SlackView['risk'], string> = {
  low: 'Low risk',
  medium: 'Medium risk',
  high: 'High risk',
  critical: 'Critical risk',
};

export interface SlackMessage {
  /** What a notification and a screen reader say; our own words only, because Slack parses it. */
  text: string;
  blocks: types.KnownBlock[];
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Slack's three control characters as entities, cut so that no entity is cut. */
function escaped(text: string, maxCharacters: number): string {
  let out = '';
  for (const character of text) {
    const next = ENTITIES[character] ?? character;
    if (out.length + next.length >= maxCharacters) return `${out}…`;
    out += next;
  }
  return out;
}

/**
 * The only way for a text to get anywhere but into `rich_text`, where nothing is parsed: hidden characters visible,
 * bounded, escaped, and of a type that knows no mentions, links or emoji.
 */
function plain(text: string, maxCharacters: number): types.PlainTextElement {
  const shown = visible(text, { maxCharacters: maxCharacters, maxLines: 4 }).text;
  return { type: 'plain_text', text: escaped(shown, maxCharacters) || '…', emoji: false };
}

const text = (value: string): types.RichTextText => ({ type: 'text', text: value });
const bold = (value: string): types.RichTextText => ({ type: 'text', text: value, style: { bold: true } });
const section = (...elements: types.RichTextElement[]): types.RichTextSection => ({
  type: 'rich_text_section',
  elements,
});

/** A value of a change: its further lines are indented, so that none can pass for another change. */
function value(raw: string): string {
  const { valueCharacters: maxCharacters, valueLines: maxLines } = SHOWN;
  return visible(raw, { maxCharacters, maxLines }).text.replaceAll('\n', '\n    ');
}

function changeLines({ lines }: SlackView['summary']): string {
  const shown = lines
    .slice(0, SHOWN.changes)
    .map(({ label, now, after }) => `${label}: ${now === null ? '' : `${value(now)} → `}${value(after)}`);
  const left = lines.length - shown.length;
  if (left > 0) shown.push(`… ${left} more in Countersign`);
  return visible(shown.join('\n'), { maxCharacters: LIMITS.code, maxLines: 60 }).text;
}

function effectLines({ effect }: SlackView['summary']): string[] {
  if (!effect.known) return ['Could not be computed.'];
  const shown = effect.lines.slice(0, SHOWN.effects).map((line) => visible(line, { maxLines: 1 }).text);
  const left = effect.lines.length - shown.length;
  return left > 0 ? [...shown, `… ${left} more in Countersign`] : shown;
}

/** Labels in our words beside values in nobody's markup: they never share a text. */
function facts(view: SlackView): types.SectionBlock['fields'] {
  const { summary, approvals, reviewsRequired } = view;
  const all: [label: string, value: string][] = [
    ['Service', summary.services.join(', ')],
    ['Target', summary.target],
    ['Risk', RISKS[view.risk]],
    view.proposedByName === null ? ['Agent', view.agentName] : ['Proposed by', view.proposedByName],
    ['Approvals', reviewsRequired > 1 ? `${approvals} of ${reviewsRequired}` : ''],
  ];
  return all
    .filter(([, fact]) => fact !== '')
    .flatMap(([label, fact]) => [
      { type: 'mrkdwn', text: `*${label}*`, verbatim: true },
      plain(fact, SHOWN.nameCharacters),
    ]);
}

/** What the tool says about itself; while it can be decided also what follows from it, and until when. */
function change(view: SlackView, blockId: string): types.RichTextBlock {
  const { summary, decidable } = view;
  const title = visible(summary.title, { maxCharacters: SHOWN.nameCharacters, maxLines: 2 }).text;
  const elements: types.RichTextBlock['elements'] = [section(bold(title || '…'))];
  const lines = changeLines(summary);
  if (lines !== '') {
    elements.push(section(bold(decidable ? 'What would change' : 'What was asked for')));
    elements.push({ type: 'rich_text_preformatted', elements: [text(lines)] });
  }
  const effects = effectLines(summary);
  if (decidable && effects.length > 0) {
    elements.push(section(bold('Effect')));
    elements.push({
      type: 'rich_text_list',
      style: 'bullet',
      elements: effects.map((line) => section(text(line || '…'))),
    });
  }
  if (decidable) {
    const timestamp = Math.floor(view.expiresAt.getTime() / 1000);
    const fallback = view.expiresAt.toISOString();
    elements.push(
      section(bold('Decide before '), { type: 'date', timestamp, format: '{date_pretty} {time}', fallback }),
    );
  }
  return { type: 'rich_text', block_id: blockId, elements };
}

/**
 * The message of a request, from its present state alone. No word of the agent's reason is in it, and nothing can be
 * decided by it.
 *
 * @param publicUrl the dashboard, without a slash at the end.
 */
export function buildMessage(view: SlackView, publicUrl: string): SlackMessage {
  const { meaning, because } = view;
  // Slack keeps what it knows of a block under its id: a changed block needs a new one.
  const blockId = (part: string) => `${part}:${view.id}:${view.version}`;
  const state = [...new Set([meaning.sentence, because ?? meaning.sentence])];
  const headline = `${meaning.word}: ${view.toolTitle}`;
  return {
    text: escaped(`${headline}. ${RISKS[view.risk]}.`, LIMITS.field),
    blocks: [
      { type: 'header', block_id: blockId('state'), text: plain(headline, LIMITS.header) },
      change(view, blockId('change')),
      { type: 'section', block_id: blockId('facts'), fields: facts(view) },
      {
        type: 'context',
        block_id: blockId('because'),
        elements: [
          ...state.map((sentence) => plain(sentence, LIMITS.context)),
          plain(`${view.id} · sha256:${view.digest.slice(0, 12)}`, LIMITS.context),
        ],
      },
      {
        type: 'actions',
        block_id: blockId('actions'),
        elements: [
          {
            type: 'button',
            action_id: OPEN_ACTION,
            text: plain('Open in Countersign', 75),
            url: `${publicUrl}/r/${encodeURIComponent(view.id)}`,
          },
        ],
      },
    ],
  };
}
