import { eq } from 'drizzle-orm';
import { listenForChanges } from '#approvals/changes.ts';
import { LIMITS, type Limits } from '#approvals/limits.ts';
import { refreshTouched, storedTouched } from '#approvals/stored-touched.ts';
import { refreshOnCall, routeDue } from '#approvals/summons/routing.ts';
import { storedOnCall } from '#approvals/summons/stored-on-call.ts';
import { until } from '#approvals/testing/until.ts';
import { type Cast, createWorld, type World } from '#approvals/testing/world.ts';
import type { RequestRow } from '#approvals/transition.ts';
import { approvalRequests, outbox } from '#db/schema.ts';
import { confirmSlackLink, startSlackLink } from '#identity/slack-identities.ts';
import { silentLog } from '#process/log.ts';
import { type FakeSlack, startFakeSlack } from '../fake/server.ts';
import { createSlackApp, createSlackClient } from '../incoming/app.ts';
import { SignedReceiver } from '../incoming/receiver.ts';
import { type Notifier, runNotifier } from '../outgoing/notifier.ts';
import { ownTeam } from '../team.ts';

export const PUBLIC_URL = 'http://localhost:4600';

/** One hold that needs one approval in Slack: a note is low risk, so it waits in the channel alone. */
export const NOTE = { tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'Seen.' } };
/** Medium risk: whoever is on call is summoned in a DM. */
export const ACKNOWLEDGE = {
  arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'acknowledged' } },
};
/** High risk: approved on the web. */
export const RESOLVE = { arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'resolved' } } };

/** All that is said in blocks, literally. */
function wordsOf(node: unknown): string {
  if (Array.isArray(node)) return node.map(wordsOf).filter(Boolean).join(' ');
  if (typeof node !== 'object' || node === null) return '';
  const { text, elements } = node as { text?: unknown; elements?: unknown };
  return [typeof text === 'string' ? text : wordsOf(text), wordsOf(elements)].filter(Boolean).join(' ');
}

/** What a test reads off a stage. */
function readings(db: World['db'], slack: FakeSlack) {
  const channelMessages = () => slack.messages(slack.channels.approvals.id).filter(({ threadTs }) => threadTs === null);
  const quiet = async () =>
    (await db.query.outbox.findMany()).every(({ doneAt, leasedUntil }) => doneAt !== null && leasedUntil === null);
  return {
    row: async (id: string): Promise<RequestRow> => {
      const found = await db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
      if (found === undefined) throw new Error(`there is no request ${id}`);
      return found;
    },
    /** The messages of requests in the channel, oldest first. */
    channelMessages,
    /** The message of one request, as soon as it is there. */
    messageOf: async (request: { id: string }) => {
      const shows = () => channelMessages().find(({ blocks }) => JSON.stringify(blocks).includes(request.id));
      const found = await until(shows).catch(() => undefined);
      if (found !== undefined) return found;
      throw new Error(`There is no message; the deliveries: ${JSON.stringify(await db.query.outbox.findMany())}`);
    },
    /** Waits until everything that is due was told. */
    told: () => until(quiet),
    deliveries: () => db.query.outbox.findMany({ orderBy: outbox.id }),
    /** What only that person was told, as soon as it was. */
    heard: async (userId: string): Promise<string[]> => {
      await until(() => slack.ephemerals(userId).length > 0);
      return slack.ephemerals(userId).map(({ blocks }) => wordsOf(blocks));
    },
  };
}

export interface SlackStageOptions {
  limits?: Partial<Limits>;
  /** Who is linked to their Slack user from the start. */
  linked?: Cast[];
  timeoutMs?: number;
}

/** A world with a playable Slack and our app on it, over real HTTP in both directions, with real Bolt. */
export async function createSlackStage(options: SlackStageOptions = {}) {
  const { limits = {}, linked = ['priya', 'marco', 'sam', 'ruth', 'dana', 'lena'], timeoutMs = 20_000 } = options;
  // The clock stands still, so nothing would ever be allowed again that was too fast once.
  const unhurried = { deliveriesAtOnce: 1_000, floodPosts: 1_000, ...limits };
  const world = await createWorld(unhurried);
  // Slack goes by the same clock, and waits for an acknowledgement as long as a busy machine may take.
  const slack = await startFakeSlack({ now: world.clock.date, ackWithinMs: 60_000 });
  const changes = listenForChanges({ url: world.url, db: world.db, log: silentLog, pollMs: 50 });
  // It tells of having missed everything when it begins; later that would be news to those who wait.
  const listening = new Promise<void>((resolve) => {
    const stop = changes.onAny(() => {
      stop();
      resolve();
    });
  });
  const store = { db: world.db, now: world.clock.now, limits: { ...LIMITS, ...unhurried }, log: silentLog };
  const ctx = { ...store, onCall: storedOnCall(store), touched: storedTouched(store) };
  const notifiers: Notifier[] = [];
  const receivers: SignedReceiver[] = [];

  /** Our app as one process of the slack role runs it. */
  async function startApp() {
    const client = createSlackClient({ token: slack.tokens.bot, apiUrl: slack.apiUrl, timeoutMs });
    const team = ownTeam(client);
    const where = { host: '127.0.0.1', port: 0, log: silentLog, healthy: async () => undefined };
    const receiver = new SignedReceiver({ ...where, signingSecret: slack.signingSecret });
    const serving = { ctx, team, channel: slack.channels.approvals.id, publicUrl: PUBLIC_URL };
    createSlackApp({ receiver, serving, token: slack.tokens.bot, apiUrl: slack.apiUrl, timeoutMs });
    receivers.push(receiver);
    slack.deliverTo(`${await receiver.start()}/slack/events`);
    return { client, team, receiver };
  }
  const { client, team } = await startApp();

  function startNotifier(over: { pollMs?: number; apiUrl?: string; timeoutMs?: number } = {}): Notifier {
    const { pollMs = 20, apiUrl = slack.apiUrl } = over;
    const own = createSlackClient({ token: slack.tokens.bot, apiUrl, timeoutMs: over.timeoutMs ?? timeoutMs });
    const channel = slack.channels.approvals.id;
    const notifier = runNotifier({ ctx, client: own, team, changes, channel, publicUrl: PUBLIC_URL, pollMs });
    notifiers.push(notifier);
    return notifier;
  }

  async function link(name: Cast): Promise<void> {
    const { id: userId, realName: userName, email } = slack.users[name];
    const token = await startSlackLink(ctx, { teamId: slack.team.id, userId, enterpriseId: null, userName, email });
    await confirmSlackLink(world.person(name), token);
  }
  for (const name of linked) await link(name);
  await listening;

  return {
    ...world,
    slack,
    ctx,
    client,
    team,
    changes,
    startApp,
    startNotifier,
    stopApps: async () => {
      await Promise.all(receivers.splice(0).map((one) => one.stop()));
    },
    link,
    ...readings(world.db, slack),
    /** Reads who is on call and summons whoever is to be summoned by now, as the worker does. */
    route: async () => {
      await routeDue(world.system);
      await refreshOnCall(world.system);
      await refreshTouched(world.system, 'all');
    },
    close: async () => {
      await Promise.all(notifiers.map((notifier) => notifier.stop()));
      await Promise.all(receivers.map((one) => one.stop()));
      await changes.close();
      await Promise.all([world.close(), slack.close()]);
    },
  };
}

export { until };
export type SlackStage = Awaited<ReturnType<typeof createSlackStage>>;
export type { FakeSlack };
