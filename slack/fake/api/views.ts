import { randomUUID } from 'node:crypto';
import type { types, ViewOutput, webApi } from '@slack/bolt';
import { valuesOf, withIds } from '../blocks/elements.ts';
import { app, team } from '../company.ts';
import type { Play } from '../play.ts';
import { findUser, homeOf, nextId, type OpenView, topModal } from '../state.ts';
import { Refusal } from './refusal.ts';
import { nested, viewOf, type Wire } from './wire.ts';

/** Modals and Home tabs: `views.*`. */

const TRIGGER_LIVES_MS = 3_000;
const MOST_MODALS = 3;

const plain = (given: types.PlainTextElement | undefined) => (given === undefined ? null : { ...given });

/** A view as the Web API and payloads tell it. */
export function described({ id, view, hash, rootId, previousId, values }: OpenView): ViewOutput {
  const modal = view.type === 'modal' ? view : null;
  return {
    id,
    team_id: team.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.private_metadata ?? '',
    callback_id: view.callback_id ?? '',
    state: { values },
    hash,
    // A Home tab has no title of its own; Slack says this.
    title: modal?.title ?? { type: 'plain_text', text: 'View Title' },
    close: plain(modal?.close),
    submit: plain(modal?.submit),
    clear_on_close: modal?.clear_on_close ?? false,
    notify_on_close: modal?.notify_on_close ?? false,
    previous_view_id: previousId,
    root_view_id: rootId,
    app_id: app.id,
    external_id: view.external_id ?? '',
    app_installed_team_id: team.id,
    bot_id: app.botId,
  };
}

type Answered = NonNullable<webApi.ViewsOpenResponse['view']>;

/** Slack's response types know blocks under enums; the JSON is the same. */
const answered = (open: OpenView) => described(open) as unknown as Answered;

const newHash = (play: Play) => `${Math.floor(play.now().getTime() / 1000)}.${randomUUID().slice(0, 8)}`;

function refuseKnownExternalId(play: Play, view: types.View, except: OpenView | null): void {
  const { external_id: externalId } = view;
  if (externalId === undefined || externalId === '') return;
  const all = [...play.state.modals, ...play.state.homes];
  if (all.some((one) => one !== except && one.view.external_id === externalId)) {
    throw new Refusal('duplicate_external_id');
  }
}

/** A new view for somebody, with nothing filled in. */
function fresh(play: Play, userId: string, view: OpenView['view'], below: OpenView | null): OpenView {
  refuseKnownExternalId(play, view, null);
  const id = nextId(play.state, 'V');
  const blocks = withIds(play.state, view.blocks as types.KnownBlock[]);
  return {
    id,
    userId,
    view: { ...view, blocks },
    hash: newHash(play),
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
    values: valuesOf(blocks),
    errors: {},
    notice: null,
  };
}

/** Puts another content into an open view; what people typed stays where the fields stay. */
export function replaceView(play: Play, open: OpenView, view: OpenView['view']): void {
  refuseKnownExternalId(play, view, open);
  const blocks = withIds(play.state, view.blocks as types.KnownBlock[]);
  open.view = { ...view, blocks };
  open.hash = newHash(play);
  open.values = valuesOf(blocks, open.values);
  open.errors = {};
  open.notice = null;
}

/** Puts a modal on top of what somebody has open. @throws Refusal `push_limit_reached`. */
export function pushModal(play: Play, userId: string, view: types.ModalView): OpenView {
  if (play.state.modals.filter((one) => one.userId === userId).length >= MOST_MODALS) {
    throw new Refusal('push_limit_reached');
  }
  const open = fresh(play, userId, view, topModal(play.state, userId) ?? null);
  play.state.modals.push(open);
  return open;
}

/** Uses up a trigger. @throws Refusal `invalid_trigger_id`, `expired_trigger_id`, `exchanged_trigger_id`. */
function exchange(play: Play, id: string | undefined): { userId: string; fromView: string | null } {
  const trigger = play.state.triggers.get(id ?? '');
  if (trigger === undefined) throw new Refusal('invalid_trigger_id');
  if (play.now().getTime() - trigger.issuedAt.getTime() > TRIGGER_LIVES_MS) throw new Refusal('expired_trigger_id');
  if (trigger.exchanged) throw new Refusal('exchanged_trigger_id');
  trigger.exchanged = true;
  return trigger;
}

export function viewsOpen(play: Play, wire: Wire): webApi.ViewsOpenResponse {
  const view = viewOf(nested(wire, 'view', 'invalid_arguments'), 'modal');
  const { userId } = exchange(play, wire.trigger_id);
  // A new modal takes the place of whatever was open.
  const open = fresh(play, userId, view, null);
  play.state.modals = [...play.state.modals.filter((one) => one.userId !== userId), open];
  return { ok: true, view: answered(open) };
}

export function viewsPush(play: Play, wire: Wire): webApi.ViewsPushResponse {
  const view = viewOf(nested(wire, 'view', 'invalid_arguments'), 'modal');
  const { userId, fromView } = exchange(play, wire.trigger_id);
  if (!play.state.modals.some(({ id }) => id === fromView)) throw new Refusal('not_found');
  return { ok: true, view: answered(pushModal(play, userId, view)) };
}

function refuseOldHash(wire: Wire, open: OpenView): void {
  if (wire.hash !== undefined && wire.hash !== '' && wire.hash !== open.hash) throw new Refusal('hash_conflict');
}

export function viewsUpdate(play: Play, wire: Wire): webApi.ViewsUpdateResponse {
  const all = [...play.state.modals, ...play.state.homes];
  const open = all.find(({ id, view }) =>
    wire.view_id !== undefined ? id === wire.view_id : view.external_id === (wire.external_id || null),
  );
  if (open === undefined) throw new Refusal('not_found');
  const view = viewOf(nested(wire, 'view', 'invalid_arguments'), open.view.type);
  refuseOldHash(wire, open);
  replaceView(play, open, view);
  return { ok: true, view: answered(open) };
}

export function viewsPublish(play: Play, wire: Wire): webApi.ViewsPublishResponse {
  const user = findUser(play.state, wire.user_id ?? '');
  if (user === undefined || user.deleted || user.isBot) throw new Refusal('invalid_arguments', ['invalid `user_id`']);
  const view = viewOf(nested(wire, 'view', 'invalid_arguments'), 'home');
  const known = homeOf(play.state, user.id);
  if (known === undefined) {
    const open = fresh(play, user.id, view, null);
    play.state.homes.push(open);
    return { ok: true, view: answered(open) };
  }
  refuseOldHash(wire, known);
  replaceView(play, known, view);
  return { ok: true, view: answered(known) };
}
