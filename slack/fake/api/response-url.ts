import { randomUUID } from 'node:crypto';
import { withIds } from '../blocks/elements.ts';
import { app } from '../company.ts';
import type { Play } from '../play.ts';
import { type Content, findEphemeral, findMessage, nextTs, type ResponseUrl } from '../state.ts';
import { Refusal } from './refusal.ts';
import { contentOf, flag, type Wire } from './wire.ts';

/** @see https://docs.slack.dev/interactivity/handling-user-interaction */
const MOST_USES = 5;
const LIVES_MS = 30 * 60_000;

/** An address at which the app may answer where somebody acted, even where it is no member. */
export function issueResponseUrl(play: Play, where: Omit<ResponseUrl, 'issuedAt' | 'uses'>): string {
  const id = randomUUID();
  play.state.responseUrls.set(id, { ...where, issuedAt: play.now(), uses: 0 });
  return `${play.url}/response/${id}`;
}

function original(play: Play, { message, channel, userId }: ResponseUrl): Content | undefined {
  if (message === null) return undefined;
  const { ts, ephemeral } = message;
  return ephemeral ? findEphemeral(play.state, userId, channel, ts) : findMessage(play.state, channel, ts);
}

/** Puts an answer into a channel or shows it to the one who acted. */
export function answerWith(play: Play, url: ResponseUrl, wire: Wire): void {
  const { state } = play;
  const { text, blocks } = contentOf(wire, 'post');
  const shown = {
    channel: url.channel,
    ts: nextTs(state, play.now()),
    threadTs: wire.thread_ts ?? url.threadTs,
    text,
    blocks: withIds(state, blocks),
  };
  if (wire.response_type !== 'in_channel') {
    state.ephemerals.push({ ...shown, user: url.userId, from: app.userId });
    return;
  }
  state.messages.push({ ...shown, user: app.userId, broadcast: false, metadata: null, edited: false });
}

function change(play: Play, url: ResponseUrl, wire: Wire): void {
  const before = original(play, url);
  if (before === undefined) throw new Refusal('message_not_found');
  if (flag(wire, 'delete_original')) {
    play.state.messages = play.state.messages.filter((one) => one !== before);
    play.state.ephemerals = play.state.ephemerals.filter((one) => one !== before);
    return;
  }
  const { text, blocks } = contentOf(wire, 'post');
  before.text = text;
  before.blocks = withIds(play.state, blocks);
}

/** An answer of the app at such an address. @throws Refusal; `used_url` and `expired_url` are said with a 404. */
export function respond(play: Play, id: string, wire: Wire): void {
  const url = play.state.responseUrls.get(id);
  if (url === undefined || play.now().getTime() - url.issuedAt.getTime() > LIVES_MS) throw new Refusal('expired_url');
  if (url.uses >= MOST_USES) throw new Refusal('used_url');
  const changes = url.message !== null && (flag(wire, 'replace_original') || flag(wire, 'delete_original'));
  if (changes) change(play, url, wire);
  else answerWith(play, url, wire);
  url.uses += 1;
}
