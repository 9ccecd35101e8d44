import { type Html, html, nothing } from './page-html.ts';
import type { Play } from './play.ts';
import { findChannel, findUser } from './state.ts';

/** Texts as Slack shows them: plain ones, and the small part of mrkdwn that is worth playing. */

const EMOJI: Record<string, string> = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  ballot_box_with_check: '☑️',
  x: '❌',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  warning: '⚠️',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  stopwatch: '⏱️',
  gear: '⚙️',
  arrows_counterclockwise: '🔄',
  information_source: 'ℹ️',
  lock: '🔒',
  rotating_light: '🚨',
  question: '❓',
  eyes: '👀',
  robot_face: '🤖',
  link: '🔗',
  bell: '🔔',
};

export const emoji = (name: string) => EMOJI[name] ?? `:${name}:`;
const withEmoji = (text: string) => text.replace(/:([a-z0-9_+-]+):/g, (_, name: string) => emoji(name));

/** Slack escapes three characters and no more. */
const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Line ends become line ends. */
export const lines = (text: string): Html[] =>
  text.split('\n').flatMap((line, index) => (index === 0 ? [html`${line}`] : [html`<br>`, html`${line}`]));

/** The text of a plain_text object. */
export function plainText({ text, emoji: wanted = true }: { text: string; emoji?: boolean }): Html {
  const shown = unescaped(text);
  return html`${lines(wanted ? withEmoji(shown) : shown)}`;
}

/** An address that a browser may open; null for anything that is none. */
export function webAddress(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  return ['http:', 'https:', 'mailto:'].includes(new URL(url).protocol) ? url : null;
}

/** A link that opens beside this page and learns nothing of it. */
export function link(url: string, label: Html | string): Html {
  const address = webAddress(url);
  if (address === null) return html`${label}`;
  return html`<a href="${address}" target="_blank" rel="noopener noreferrer">${label}</a>`;
}

export const mention = (text: string) => html`<span class="mention">${text}</span>`;

export const userMention = (play: Play, id: string) => mention(`@${findUser(play.state, id)?.realName ?? id}`);
export const channelMention = (play: Play, id: string) => mention(`#${findChannel(play.state, id)?.name ?? id}`);

const part = (at: Date, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options).format(at);
const LONG = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
const MIDDLE = { day: 'numeric', month: 'long', year: 'numeric' } as const;
const SHORT = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const DAY_MS = 86_400_000;

/** Days are told by name when they are near. */
function pretty(at: Date, now: Date, options: Intl.DateTimeFormatOptions): string {
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / DAY_MS);
  return { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' }[String(days)] ?? part(at, options);
}

/** A moment in one of Slack's formats, such as `{date_pretty} {time}`. */
export function dateText(seconds: number, format: string, now: Date): string {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return format;
  const minutes = Math.round((now.getTime() - at.getTime()) / 60_000);
  const tokens: Record<string, string> = {
    date_num: at.toISOString().slice(0, 10),
    date: part(at, MIDDLE),
    date_long: part(at, LONG),
    date_short: part(at, SHORT),
    date_pretty: pretty(at, now, MIDDLE),
    date_long_pretty: pretty(at, now, LONG),
    date_short_pretty: pretty(at, now, SHORT),
    time: part(at, { hour: '2-digit', minute: '2-digit' }),
    time_secs: part(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    ago: minutes >= 0 ? `${minutes} minutes ago` : `in ${-minutes} minutes`,
  };
  return format.replace(/\{(\w+)\}/g, (whole, name: string) => tokens[name] ?? whole);
}

export function time(seconds: number, text: string): Html {
  const at = new Date(seconds * 1000);
  return Number.isNaN(at.getTime()) ? html`${text}` : html`<time datetime="${at.toISOString()}">${text}</time>`;
}

/** What stands between < and >. */
function special(play: Play, inside: string): Html {
  const [target = '', label] = inside.split('|', 2).map(unescaped);
  if (/^@[UW]/.test(target)) return userMention(play, target.slice(1));
  if (/^#C/.test(target)) return channelMention(play, target.slice(1));
  if (target.startsWith('!date^')) {
    const [, seconds = '', format = '', url] = target.split('^');
    const shown = time(
      Number(seconds),
      /^\d+$/.test(seconds) ? dateText(Number(seconds), format, play.now()) : (label ?? ''),
    );
    return url === undefined ? shown : link(url, shown);
  }
  if (target.startsWith('!subteam^')) return mention(label ?? '@group');
  if (target.startsWith('!')) return mention(`@${target.slice(1)}`);
  return link(target, label ?? target);
}

const STYLES: { pattern: RegExp; wrap: (inner: Html) => Html }[] = [
  { pattern: /(?<![\w*])\*([^*\n]+)\*(?![\w*])/, wrap: (inner) => html`<b>${inner}</b>` },
  { pattern: /(?<![\w_])_([^_\n]+)_(?![\w_])/, wrap: (inner) => html`<i>${inner}</i>` },
  { pattern: /(?<![\w~])~([^~\n]+)~(?![\w~])/, wrap: (inner) => html`<s>${inner}</s>` },
];

/** Text in which only styles, emoji and bare addresses are left to find. */
function styled(text: string, autoLink: boolean): Html {
  for (const { pattern, wrap } of STYLES) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const before = text.slice(0, found.index);
    const after = text.slice(found.index + found[0].length);
    return html`${styled(before, autoLink)}${wrap(styled(found[1] ?? '', autoLink))}${styled(after, autoLink)}`;
  }
  const address = autoLink ? /https?:\/\/[^\s<>]+/.exec(text) : null;
  if (address !== null) {
    const end = address.index + address[0].length;
    const url = unescaped(address[0]);
    return html`${styled(text.slice(0, address.index), false)}${link(url, url)}${styled(text.slice(end), autoLink)}`;
  }
  return html`${lines(withEmoji(unescaped(text)))}`;
}

const PIECES = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|^&gt; ?(.*)$/m;

/** The text of a mrkdwn object. @param verbatim whether bare addresses stay as they are. */
export function mrkdwn(play: Play, { text, verbatim = false }: { text: string; verbatim?: boolean }): Html {
  const found = PIECES.exec(text);
  if (found === null) return text === '' ? nothing : styled(text, !verbatim);
  const [whole, block, code, inside, quote] = found;
  const rest = text.slice(found.index + whole.length);
  const piece = () => {
    if (block !== undefined) return html`<pre>${unescaped(block).replace(/^\n/, '')}</pre>`;
    if (code !== undefined) return html`<code>${unescaped(code)}</code>`;
    if (inside !== undefined) return special(play, inside);
    return html`<blockquote>${mrkdwn(play, { text: quote ?? '', verbatim })}</blockquote>`;
  };
  return html`${styled(text.slice(0, found.index), !verbatim)}${piece()}${mrkdwn(play, { text: rest, verbatim })}`;
}

/** A text object of either kind. */
export function textObject(
  play: Play,
  object: { type: 'plain_text' | 'mrkdwn'; text: string; emoji?: boolean; verbatim?: boolean },
): Html {
  return object.type === 'plain_text' ? plainText(object) : mrkdwn(play, object);
}
