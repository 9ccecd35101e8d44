import type { types } from '@slack/bolt';
import { type Channel, type SlackUser, users } from '../company.ts';
import type { Play } from '../play.ts';
import { type Ephemeral, findChannel, findUser, homeOf, type Message, topModal } from '../state.ts';
import { blocks } from './page-blocks.ts';
import { attribute, type Html, html, nothing } from './page-html.ts';
import { mrkdwn, plainText, time } from './page-text.ts';

/** What one person sees of Slack: the part of the page that changes by itself. */

/** The Home tab of our app, in the place of a channel. */
export const HOME = 'home';

export interface Seen {
  user: SlackUser;
  /** A channel's id, or `home`. */
  place: string;
}

const authorOf = (play: Play, id: string) => findUser(play.state, id)?.realName ?? id;

/** Ephemeral messages know who they are for and who they are from; the others only who wrote them. */
const writer = (message: Message | Ephemeral) => ('from' in message ? message.from : message.user);

/** Whatever is nobody's is an app's, Slackbot's too. */
const isApp = (play: Play, message: Message | Ephemeral) => findUser(play.state, writer(message))?.isBot ?? true;

function author(play: Play, message: Message | Ephemeral): Html {
  const mark = isApp(play, message) ? html` <span class="app">App</span>` : nothing;
  return html`<b>${authorOf(play, writer(message))}</b>${mark}`;
}

function clock(ts: string): Html {
  const seconds = Number(ts);
  const at = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(new Date(seconds * 1000));
  return time(seconds, at);
}

function article(play: Play, message: Message | Ephemeral, notes: (string | null)[]): Html {
  const { channel, ts, text } = message;
  const edited = 'edited' in message && message.edited ? html` <small>(edited)</small>` : nothing;
  const body =
    message.blocks.length > 0
      ? blocks({ play, act: 'click', channel, ts }, message.blocks)
      : html`<div class="text">${mrkdwn(play, { text })}${edited}</div>`;
  const hint = notes.filter((note) => note !== null).map((note) => html`<p class="note">${note}</p>`);
  const by = authorOf(play, writer(message));
  const name = `${by}: ${text}`.slice(0, 300);
  const avatar = html`<span class="avatar ${isApp(play, message) ? 'of-app' : 'of-person'}" aria-hidden="true">${by.slice(0, 1)}</span>`;
  return html`<article data-key="${ts}" aria-label="${name}">${avatar}<header>${author(play, message)} ${clock(ts)}</header>${hint}<div class="body">${body}</div></article>`;
}

function thread(play: Play, parent: Message, replies: (Message | Ephemeral)[]): Html {
  if (replies.length === 0) return nothing;
  const count = replies.length === 1 ? '1 reply' : `${replies.length} replies`;
  const inside = replies.map((reply) => article(play, reply, ['from' in reply ? 'Only visible to you' : null]));
  return html`<section class="thread" data-key="thread-${parent.ts}" aria-label="Thread, ${count}"><p class="note">${count}</p>${inside}</section>`;
}

const SILENCE = html`<p class="empty" data-key="empty">Nothing has been said here yet.</p>`;

function messages(play: Play, user: SlackUser, channel: Channel): Html {
  const here = play.state.messages.filter((one) => one.channel === channel.id);
  const own = play.state.ephemerals.filter((one) => one.channel === channel.id && one.user === user.id);
  const all = [...here, ...own].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  const shown = all.filter((one) => one.threadTs === null || ('broadcast' in one && one.broadcast));
  if (shown.length === 0) return SILENCE;
  return html`${shown.map((message) => {
    const reply = message.threadTs !== null;
    const notes = ['from' in message ? 'Only visible to you' : null, reply ? 'Replied to a thread' : null];
    const replies = all.filter((one) => one.threadTs === message.ts);
    return html`${article(play, message, notes)}${'from' in message ? nothing : thread(play, message, replies)}`;
  })}`;
}

function home(play: Play, user: SlackUser): Html {
  const open = homeOf(play.state, user.id);
  if (open === undefined) return html`<p class="empty" data-key="empty">The app shows nothing here yet.</p>`;
  const inside = blocks({ play, act: 'clickHome', values: open.values }, open.view.blocks as types.KnownBlock[]);
  return html`<section class="home" data-key="${open.id}" aria-label="Home tab">${inside}</section>`;
}

function modal(play: Play, user: SlackUser): Html {
  const open = topModal(play.state, user.id);
  if (open === undefined || open.view.type !== 'modal') return nothing;
  const { view, values, errors, notice } = open;
  const inside = blocks({ play, act: 'clickModal', values, errors }, view.blocks as types.KnownBlock[]);
  const close = view.close === undefined ? html`Cancel` : plainText(view.close);
  const submit =
    view.submit === undefined ? nothing : html`<button class="button primary">${plainText(view.submit)}</button>`;
  return html`<form data-view="${open.id}" data-hash="${open.hash}" novalidate><h2 id="modal-title">${plainText(view.title)}</h2>${
    notice === null ? nothing : html`<p class="error" role="alert">${notice}</p>`
  }<div class="fieldset">${inside}</div><footer><button type="button" class="button" data-act="close">${close}</button>${submit}</footer></form>`;
}

/** Everything that changes, for `page.js` to put in its place. */
export function screen(play: Play, { user, place }: Seen): { main: Html; modal: Html; title: string } {
  const channel = findChannel(play.state, place);
  const main = place === HOME ? home(play, user) : channel === undefined ? SILENCE : messages(play, user, channel);
  return { main, modal: modal(play, user), title: titleOf(play, { user, place }) };
}

/** How a place is called. */
export function titleOf(play: Play, { place }: Seen): string {
  if (place === HOME) return 'Countersign · Home';
  const channel = findChannel(play.state, place);
  if (channel === undefined || channel.directWith !== null) return 'Countersign';
  return `#${channel.name}${channel.archived ? ' (archived)' : ''}`;
}

/** The places that somebody can go to. */
export function places(play: Play, { user, place }: Seen): Html {
  const channels = play.state.channels.filter(
    ({ directWith, members }) => directWith === null && members.includes(user.id),
  );
  const item = (id: string, label: string) => {
    const here = id === place ? html` aria-current="page"` : nothing;
    return html`<li><a href="/?as=${user.id}&amp;in=${id}"${here}>${label}</a></li>`;
  };
  return html`<h2 id="channels">Channels</h2><ul aria-labelledby="channels">${channels.map(({ id, name }) => item(id, `# ${name}`))}</ul>
<h2 id="apps">Countersign</h2><ul aria-labelledby="apps">${item(HOME, 'Home')}${item(`D${user.id.slice(1)}`, 'Messages')}</ul>`;
}

/** Who one can be. */
export function cast(play: Play, { user }: Seen): Html[] {
  const kind = (one: SlackUser) => {
    if (one.deleted) return ' (has left)';
    if (one.isStranger) return ' (another company)';
    if (one.isUltraRestricted) return ' (guest, one channel)';
    if (one.isRestricted) return ' (guest)';
    return one.id === users.unknown.id ? ' (not in PagerDuty)' : '';
  };
  return play.state.users
    .filter(({ id, isBot, deleted }) => !isBot && (!deleted || id === user.id))
    .map(
      (one) =>
        html`<option value="${one.id}"${attribute('selected', one.id === user.id)}>${one.realName}${kind(one)}</option>`,
    );
}
