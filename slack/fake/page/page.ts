import { readFileSync } from 'node:fs';
import { channels, users } from '../company.ts';
import type { Play } from '../play.ts';
import { findChannel, findUser } from '../state.ts';
import { type Html, html } from './page-html.ts';
import { cast, HOME, places, type Seen, screen, titleOf } from './page-screen.ts';

/** The page on which people are somebody in this Slack: read, click, type, and make it misbehave. */

const file = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

/** What the page loads besides itself. */
export const ASSETS: Record<string, { type: string; text: string }> = {
  '/_play/page.css': { type: 'text/css; charset=utf-8', text: file('page.css') },
  '/_play/page.js': { type: 'text/javascript; charset=utf-8', text: file('page.js') },
};

/** Nothing but our own style and script, and nobody around us. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Who looks at what; anybody and anything that there is not gives way to what there is. */
export function seenBy(play: Play, query: URLSearchParams): Seen {
  const wanted = findUser(play.state, query.get('as') ?? '');
  const user = wanted === undefined || wanted.isBot ? users.priya : wanted;
  const direct = `D${user.id.slice(1)}`;
  const place = query.get('in') ?? channels.approvals.id;
  const member = findChannel(play.state, place)?.members.includes(user.id) === true;
  return { user, place: member || place === HOME || place === direct ? place : direct };
}

const MISCHIEF = html`<section class="mischief" aria-labelledby="mischief"><h2 id="mischief">Make Slack misbehave</h2>
<div class="actions"><button type="button" class="button" data-fault="rate_limited">Ask the app to wait (429)</button>
<button type="button" class="button" data-fault="status">Break the next call (503)</button>
<button type="button" class="button" data-fault="lost">Lose the next answer</button>
<button type="button" class="button danger" data-reset>Start over</button></div><p class="note" id="waiting"></p></section>`;

/** The whole page. */
export function page(play: Play, seen: Seen): Html {
  const { main, title } = screen(play, seen);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Playable Slack</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/_play/page.css">
<script type="module" src="/_play/page.js"></script></head>
<body data-as="${seen.user.id}" data-in="${seen.place}">
<a class="skip" href="#main">Skip to the messages</a>
<header class="bar"><div><h1>Playable Slack</h1><p>Northwind Parcel. Nothing here is real.</p></div>
<form method="get" action="/"><input type="hidden" name="in" value="${seen.place}"><label for="as">You are</label> <select id="as" name="as">${cast(play, seen)}</select> <noscript><button class="button">Go</button></noscript></form></header>
<div class="columns"><nav aria-label="Places">${places(play, seen)}</nav>
<main id="main" tabindex="-1"><h2 id="title">${titleOf(play, seen)}</h2>
<div id="screen" role="region" aria-labelledby="title" tabindex="0">${main}</div>
${seen.place === HOME ? null : html`<form id="composer"><label class="unseen" for="text">Message or command</label><input id="text" name="text" autocomplete="off" placeholder="Message, or /countersign help"> <button class="button primary">Send</button></form>`}
<output id="status"></output></main></div>
${MISCHIEF}
<dialog id="modal" aria-labelledby="modal-title"></dialog>
<dialog id="confirm" aria-labelledby="confirm-title" aria-describedby="confirm-text"><form method="dialog"><h2 id="confirm-title"></h2><p id="confirm-text"></p><footer><button class="button" value="no" id="confirm-no"></button><button class="button primary" value="yes" id="confirm-yes"></button></footer></form></dialog>
</body></html>`;
}
