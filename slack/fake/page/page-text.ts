import type { Play } from '../play.ts';
import { findChannel, findUser } from '../state.ts';
import { type Html, html } from './page-html.ts';

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

export const emoji = (name: string) => (Object.hasOwn(EMOJI, name) ? EMOJI[name] : undefined) ?? `:${name}:`;
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

/** Cuts a text at every match; what matched and what stands between are made into HTML each in its own way. */
function cut(
  text: string,
  pattern: RegExp,
  between: (text: string) => Html,
  matched: (groups: readonly (string | undefined)[]) => Html,
): Html {
  const made: Html[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    made.push(between(text.slice(end, match.index)), matched(match));
    end = match.index + match[0].length;
  }
  return html`${made}${between(text.slice(end))}`;
}

const ADDRESS = /https?:\/\/[^\s<>]+/g;
const STYLES = /(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|(?<![\w~])~([^~\n]+)~(?![\w~])/g;
const PIECES = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|^(?:&gt; ?)+(.*)$/gm;

const unstyled = (text: string) => html`${lines(withEmoji(unescaped(text)))}`;

function linked(text: string): Html {
  return cut(text, ADDRESS, unstyled, ([url = '']) => link(unescaped(url), unescaped(url)));
}

function styled(text: string, between: (text: string) => Html): Html {
  return cut(text, STYLES, between, ([, bold, italic, strike]) => {
    if (bold !== undefined) return html`<b>${styled(bold, between)}</b>`;
    if (italic !== undefined) return html`<i>${styled(italic, between)}</i>`;
    return html`<s>${styled(strike ?? '', between)}</s>`;
  });
}

/** The text of a mrkdwn object. @param verbatim whether bare addresses stay as they are. */
export function mrkdwn(play: Play, { text, verbatim = false }: { text: string; verbatim?: boolean }): Html {
  const between = (plain: string) => styled(plain, verbatim ? unstyled : linked);
  return cut(text, PIECES, between, ([, block, code, inside, quote]) => {
    if (block !== undefined) return html`<pre>${unescaped(block).replace(/^\n/, '')}</pre>`;
    if (code !== undefined) return html`<code>${unescaped(code)}</code>`;
    if (inside !== undefined) return special(play, inside);
    return html`<blockquote>${mrkdwn(play, { text: quote ?? '', verbatim })}</blockquote>`;
  });
}

/** A text object of either kind. */
export function textObject(
  play: Play,
  object: { type: 'plain_text' | 'mrkdwn'; text: string; emoji?: boolean; verbatim?: boolean },
): Html {
  return object.type === 'plain_text' ? plainText(object) : mrkdwn(play, object);
}
