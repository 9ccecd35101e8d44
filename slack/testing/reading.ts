import type { types } from '@slack/bolt';
import { findings } from '#pagerduty/visible-text.ts';
import { NAME, PUBLIC_URL, THEIRS } from './requests.ts';

/** Reads messages and views as Slack and people do, and finds what may not be in them. */

interface Said {
  /** `rich_text` = shown literally; `other` = not shown, or shown as plain as it is. */
  as: 'rich_text' | 'plain_text' | 'mrkdwn' | 'other';
  key: string;
  text: string;
  /** The object that it is in. */
  in: Record<string, unknown>;
}

/** Every string in a message or a view, and how Slack takes it. */
export function saidIn(content: unknown): Said[] {
  const said: Said[] = [];
  const visit = (node: unknown, literal: boolean): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, literal);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const here = node as Record<string, unknown>;
    const rich = literal || here.type === 'rich_text';
    for (const [key, value] of Object.entries(here)) {
      if (typeof value === 'string') {
        const shown = key === 'text' && (here.type === 'plain_text' || here.type === 'mrkdwn') ? here.type : 'other';
        said.push({ as: rich && key === 'text' ? 'rich_text' : shown, key, text: value, in: here });
      } else visit(value, rich);
    }
  };
  visit(content, false);
  return said;
}

const OUR_DATES = /<!date\^\d+\^\{time(_secs)?\}\|[\dT:.Z-]+>/g;
const OUR_MENTIONS = /<@(U0000PRIYA|W0000FAITH)>/g;

/** What is wrong with a message or a view whose texts came from a hostile view; the lists of 1.7. */
export function dangersIn(content: unknown): string[] {
  const dangers: string[] = [];
  for (const one of saidIn(content)) {
    const complain = (what: string) => dangers.push(`${what}: ${one.key} of ${JSON.stringify(one.in).slice(0, 200)}`);
    if (findings(one.text).some((finding) => !finding.includes('alphabets'))) complain('hides something');
    if (one.as === 'rich_text') continue;
    if (one.text.includes(THEIRS)) complain('somebody else speaks outside of rich_text');
    if (one.text.includes(NAME) && one.as !== 'plain_text') complain('a name outside of plain_text');
    const rest = one.as === 'mrkdwn' ? one.text.replace(OUR_DATES, '').replace(OUR_MENTIONS, '') : one.text;
    if (/[<>]|&(?!amp;|lt;|gt;)/.test(rest)) complain('has what Slack parses');
    if (one.as === 'mrkdwn' && !/^[\w *,.;:·…\n-]*$/.test(rest)) complain('has markup that is not ours');
    if (one.as === 'mrkdwn' && one.in.verbatim !== true) complain('is not verbatim');
    if (one.as === 'plain_text' && one.in.emoji !== false) complain('shows emoji');
    if (one.key === 'url' && !one.text.startsWith(`${PUBLIC_URL}/`)) complain('leads elsewhere');
  }
  return dangers;
}

const RICH = ['rich_text', 'rich_text_section', 'rich_text_preformatted', 'rich_text_list', 'rich_text_quote', 'text'];

/** Elements of `rich_text` that would be more than text: links, mentions, emoji. */
export function activeIn(content: { blocks: unknown[] }): unknown[] {
  const rich = content.blocks.filter((block) => (block as types.KnownBlock).type === 'rich_text');
  return saidIn(rich)
    .filter(({ key, text }) => key === 'type' && !RICH.includes(text))
    .map((one) => one.in);
}

const MOST: Record<string, number> = {
  block_id: 255,
  action_id: 255,
  accessibility_label: 75,
  url: 3000,
  private_metadata: 3000,
};
const MOST_OF: Record<string, number> = { button: 75, header: 150, title: 24, submit: 24, close: 24 };

/** Where a message or a view is longer than Slack takes. */
export function excessIn(content: { blocks: unknown[] }): string[] {
  const excess: string[] = [];
  const check = (what: string, length: number, most: number) => {
    if (length > most || length === 0) excess.push(`${what}: ${length} of ${most}`);
  };
  for (const { as, key, text, in: inside } of saidIn(content)) {
    if (as === 'rich_text') check('rich text', text.length, 2900);
    else if (as !== 'other') check(as, text.length, 3000);
    else if (key === 'value') check(key, text.length, inside.type === 'button' ? 2000 : 75);
    else check(key, text.length, MOST[key] ?? 3000);
  }
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const one of Array.isArray(node) ? node : Object.values(node)) visit(one);
    if (Array.isArray(node)) return;
    const { type, text, fields, elements, confirm } = node as Record<string, { text: string }> & {
      type?: string;
      fields?: types.SectionBlock['fields'];
      elements?: types.ContextBlock['elements'];
    };
    if (typeof text === 'object' && type !== undefined && MOST_OF[type] !== undefined) {
      check(type, text.text.length, MOST_OF[type]);
    }
    for (const field of fields ?? []) check('field', field.text.length, 2000);
    if (fields !== undefined) check('fields', fields.length, 10);
    if (type === 'context') {
      check('context', elements?.length ?? 0, 10);
      for (const one of elements ?? []) check('context text', 'text' in one ? one.text.length : 0, 2000);
    }
    if (type === 'button' && confirm !== undefined) {
      const { title, text: words, confirm: yes, deny } = confirm as unknown as types.ConfirmationDialog;
      check('confirm title', title?.text.length ?? 0, 100);
      check('confirm text', words.text.length, 300);
      for (const button of [yes, deny]) check('confirm button', button?.text.length ?? 0, 30);
    }
  };
  visit(content);
  for (const key of ['title', 'submit', 'close']) {
    const text = (content as Record<string, unknown>)[key] as types.PlainTextElement | undefined;
    if (text !== undefined && 'text' in text) check(key, text.text.length, MOST_OF[key] ?? 0);
  }
  const ids = content.blocks.map((block) => (block as types.KnownBlock).block_id).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length) excess.push('a block id twice');
  return excess;
}

/** A message or a view as one reads it. */
export function outline({
  text,
  blocks,
  ...rest
}: {
  text?: string;
  blocks: unknown[];
  title?: unknown;
  submit?: unknown;
}): string {
  const words = (one: unknown): string => (one as types.PlainTextElement).text.replaceAll('\n', '\n   ');
  const rich = (element: types.RichTextBlock['elements'][number]): string => {
    const inside = (elements: types.RichTextElement[]) =>
      elements
        .map((one) => (one.type !== 'text' ? `{${one.type}}` : one.style?.bold ? `*${one.text}*` : one.text))
        .join('');
    if (element.type === 'rich_text_list') {
      return element.elements.map((item) => `   • ${inside(item.elements)}`).join('\n');
    }
    const mark = { rich_text_preformatted: '   | ', rich_text_quote: '   > ', rich_text_section: '   ' }[element.type];
    return `${mark}${inside(element.elements).replaceAll('\n', `\n${mark}`)}`;
  };
  const button = (one: types.ActionsBlockElement) =>
    one.type === 'button'
      ? `[${words(one.text)}]${one.style ? ` (${one.style})` : ''}${one.confirm ? ' (confirm)' : ''}`
      : one.type;
  const block = (one: types.KnownBlock): string => {
    switch (one.type) {
      case 'header':
        return `# ${words(one.text)}`;
      case 'alert':
        return `! ${words(one.text)}`;
      case 'section':
        return [
          ...(one.text === undefined ? [] : [`= ${words(one.text)}`]),
          ...(one.fields ?? []).map((field) => `  ${words(field)}`),
          ...(one.accessory?.type === 'button' ? [`  ${button(one.accessory)}`] : []),
        ].join('\n');
      case 'rich_text':
        return `rich\n${one.elements.map(rich).join('\n')}`;
      case 'context':
        return one.elements.map((element) => `- ${words(element)}`).join('\n');
      case 'actions':
        return one.elements.map(button).join(' ');
      case 'input':
        return `? ${words(one.label)}`;
      default:
        return one.type;
    }
  };
  const ends = [rest.title, rest.submit].filter((one) => one !== undefined).map(words);
  return [...(text === undefined ? [] : [`(${text})`]), ...ends, ...(blocks as types.KnownBlock[]).map(block)].join(
    '\n',
  );
}
