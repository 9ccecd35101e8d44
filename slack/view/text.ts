import type { types } from '@slack/bolt';
import type { SlackPerson } from '#approvals/views/slack-view.ts';
import { reveal, visible } from '#pagerduty/visible-text.ts';

/** Characters. @see https://docs.slack.dev/reference/block-kit/blocks */
export const LIMITS = {
  header: 150,
  section: 3000,
  field: 2000,
  context: 2000,
  code: 2900,
  button: 75,
  option: 75,
  placeholder: 150,
  confirmTitle: 100,
  confirm: 300,
  confirmButton: 30,
  modalTitle: 24,
};

const SHOWN = { people: 10, nameCharacters: 80 };

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Cuts between characters, never inside of one or of what stands for it. */
export function cut(text: string, maxCharacters: number, written = (character: string) => character): string {
  let out = '';
  for (const character of text) {
    const next = written(character);
    if (out.length + next.length >= maxCharacters) return `${out}…`;
    out += next;
  }
  return out;
}

/** Slack's three control characters as entities, cut so that no entity is cut. */
export function escaped(text: string, maxCharacters: number): string {
  return cut(text, maxCharacters, (character) => ENTITIES[character] ?? character);
}

/**
 * The only way for a text of somebody else to get anywhere but into `rich_text`, where nothing is parsed: hidden
 * characters visible, bounded, escaped, and of a type that knows no mentions, links or emoji.
 */
export function plain(text: string, maxCharacters: number, maxLines = 4): types.PlainTextElement {
  const shown = visible(text, { maxCharacters, maxLines }).text;
  return { type: 'plain_text', text: escaped(shown, maxCharacters) || '…', emoji: false };
}

/** Text with markup, which is parsed: for our own words, mentions and dates. */
export const marked = (words: string): types.MrkdwnElement => ({ type: 'mrkdwn', text: words, verbatim: true });

/** A text whose line breaks could pass for the end of it, as one line. */
export function oneLine(raw: string, maxCharacters: number): string {
  return visible(reveal(raw).replace(/[\n\t]+/g, ' '), { maxCharacters, maxLines: 1 }).text;
}

/** A text of several lines for `rich_text`. */
export function lines(raw: string, maxCharacters: number, maxLines: number): string {
  return cut(visible(raw, { maxCharacters, maxLines }).text, LIMITS.code);
}

// Slack takes no empty text.
export const text = (value: string): types.RichTextText => ({ type: 'text', text: value || '…' });
export const bold = (value: string): types.RichTextText => ({ ...text(value), style: { bold: true } });
export const paragraph = (...elements: types.RichTextElement[]): types.RichTextSection => ({
  type: 'rich_text_section',
  elements,
});
export const preformatted = (value: string): types.RichTextPreformatted => ({
  type: 'rich_text_preformatted',
  elements: [text(value)],
});
export const quote = (value: string): types.RichTextQuote => ({ type: 'rich_text_quote', elements: [text(value)] });
export const bullets = (values: string[]): types.RichTextList => ({
  type: 'rich_text_list',
  style: 'bullet',
  elements: values.map((value) => paragraph(text(value))),
});

/** A moment on the reader's own clock. */
export function date(at: Date, format: '{time}' | '{time_secs}'): string {
  return `<!date^${Math.floor(at.getTime() / 1000)}^${format}|${at.toISOString()}>`;
}

function listed(all: string[]): string {
  const left = all.length - SHOWN.people;
  return left > 0 ? `${all.slice(0, SHOWN.people).join(', ')} and ${left} more` : all.join(', ');
}

export function names(people: Pick<SlackPerson, 'name'>[]): string {
  return listed(people.map(({ name }) => oneLine(name, SHOWN.nameCharacters) || '…'));
}

/** Those whom a mention reaches, as markup, and the others by name; each empty when there is nobody. */
export function mentions(people: SlackPerson[]): { mentioned: string; named: string } {
  const known = people.filter(({ slackUserId }) => slackUserId !== null && /^[UW][A-Z0-9]{2,20}$/.test(slackUserId));
  const named = names(people.filter((person) => !known.includes(person)));
  return { mentioned: listed(known.map(({ slackUserId }) => `<@${slackUserId}>`)), named };
}

/** "1 request waits", "3 requests wait": each number has a form of its own. */
export const counted = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
