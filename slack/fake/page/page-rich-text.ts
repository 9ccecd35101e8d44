import type { types } from '@slack/bolt';
import type { Play } from '../play.ts';
import { type Html, html } from './page-html.ts';
import { channelMention, dateText, emoji, lines, link, mention, time, userMention } from './page-text.ts';

/** Rich text, in which nothing is parsed: what looks like markup is text. */

interface Style {
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
  underline?: boolean;
}

function withStyle(inner: Html, style: Style = {}): Html {
  let shown = inner;
  if (style.code) shown = html`<code>${shown}</code>`;
  if (style.bold) shown = html`<b>${shown}</b>`;
  if (style.italic) shown = html`<i>${shown}</i>`;
  if (style.strike) shown = html`<s>${shown}</s>`;
  if (style.underline) shown = html`<u>${shown}</u>`;
  return shown;
}

function piece(play: Play, element: types.RichTextElement): Html {
  switch (element.type) {
    case 'text':
      return html`${lines(element.text)}`;
    case 'link':
      return link(element.url, element.text ?? element.url);
    case 'user':
      return userMention(play, element.user_id);
    case 'channel':
      return channelMention(play, element.channel_id);
    case 'usergroup':
      return mention('@group');
    case 'team':
      return mention('@team');
    case 'broadcast':
      return mention(`@${element.range}`);
    case 'emoji':
      return html`${emoji(element.name)}`;
    case 'color':
      return html`<code>${element.value}</code>`;
    case 'date': {
      const shown = time(element.timestamp, dateText(element.timestamp, element.format, play.now()));
      return element.url === undefined ? shown : link(element.url, shown);
    }
  }
}

const pieces = (play: Play, elements: readonly types.RichTextElement[]) =>
  elements.map((element) => withStyle(piece(play, element), element.style));

function list(play: Play, { style, elements, indent = 0 }: types.RichTextList): Html {
  const items = elements.map((section) => html`<li>${pieces(play, section.elements)}</li>`);
  const depth = `indent-${Math.min(8, Math.max(0, Math.trunc(indent)))}`;
  return style === 'ordered' ? html`<ol class="${depth}">${items}</ol>` : html`<ul class="${depth}">${items}</ul>`;
}

function part(play: Play, element: types.RichTextBlock['elements'][number]): Html {
  switch (element.type) {
    case 'rich_text_section':
      return html`<p>${pieces(play, element.elements)}</p>`;
    case 'rich_text_preformatted':
      return html`<pre>${pieces(play, element.elements)}</pre>`;
    case 'rich_text_quote':
      return html`<blockquote>${pieces(play, element.elements)}</blockquote>`;
    case 'rich_text_list':
      return list(play, element);
  }
}

export const richText = (play: Play, block: types.RichTextBlock): Html =>
  html`<div class="rich">${block.elements.map((element) => part(play, element))}</div>`;
