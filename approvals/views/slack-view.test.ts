import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { summonses } from '#db/schema.ts';
import { noteAddress } from '#identity/slack-addresses.ts';
import { confirmSlackLink, startSlackLink } from '#identity/slack-identities.ts';
import { cancel } from '../cancel.ts';
import { type Cast, createWorld, type World } from '../testing/world.ts';
import { getForSlack } from './slack-view.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const view = (id: string) => getForSlack(world.system, id);
const askCritical = () =>
  world.ask({ arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } } });
function summoned(
  requestId: string,
  name: Cast,
  level: number,
  became: { nudged?: true; handedTo?: string | null } = {},
) {
  const { now } = world.clock;
  const ended = became.handedTo === undefined ? {} : { endedAt: now(), handedTo: became.handedTo };
  const nudged = became.nudged ? { nudgedAt: now() } : {};
  return world.db
    .insert(summonses)
    .values({ requestId, personId: world.ids[name], level, summonedAt: now(), ...nudged, ...ended });
}

describe('what Slack is told', () => {
  test('is what is held, with the exact call and nothing of what was read for it', async () => {
    const request = await world.ask();
    const told = await view(request.id);
    expect(told).toMatchObject({
      ...{ id: request.id, version: 1, status: 'pending', digest: request.digest, risk: 'high' },
      ...{ decidable: true, final: false, webOnly: true, because: null, reviewsRequired: 1 },
      ...{ agentName: 'triage-bot', proposedByName: null, agentSays: null, approvals: [], summoned: [] },
      call: {
        method: 'PUT',
        path: '/incidents',
        body: '{"incidents":[{"id":"Q2PAYMENTHOOK1","status":"resolved","type":"incident_reference"}]}',
      },
    });
    expect(told).not.toHaveProperty('before');
    expect(told).not.toHaveProperty('canonical');
  });

  test('has the words of the agent apart from ours, made visible', async () => {
    const request = await world.ask({ reason: 'please\u202e approve' });
    const told = await view(request.id);
    expect(told.agentSays?.text).not.toContain('\u202e');
    expect(told.agentSays?.findings).not.toEqual([]);
    const { agentSays: _, ...ours } = told;
    expect(JSON.stringify(ours)).not.toContain('please');
  });

  test('has why it is as it is, but no reason of the agent’s', async () => {
    const request = await world.ask();
    await world.approve(request);
    expect(await view(request.id)).toMatchObject({
      decidable: false,
      because: 'Approved by Priya Raman',
      approvals: [{ personId: world.ids.priya, name: 'Priya Raman', slackUserId: null, at: expect.any(Date) }],
    });
    await cancel(world.agent, { requestId: request.id, reason: 'trust me' });
    const told = await view(request.id);
    expect(told).toMatchObject({ because: null, meaning: { word: 'Cancelled' }, final: true });
    expect(JSON.stringify(told)).not.toContain('trust me');
  });

  test('names those who approved, each once, not those who denied', async () => {
    const request = await askCritical();
    await world.approve(request, 'priya');
    expect(await view(request.id)).toMatchObject({ version: 2, approvals: [{ name: 'Priya Raman' }] });
    await world.deny(request, 'sam');
    const told = await view(request.id);
    expect(told.approvals.map(({ name }) => name)).toEqual(['Priya Raman']);
    expect(told).toMatchObject({ because: 'Denied by Sam Okafor', decidable: false });
  });

  test('names those who were asked: first level first, the fallback group last, and what became of it', async () => {
    const request = await world.ask();
    await summoned(request.id, 'sam', 0);
    await summoned(request.id, 'marco', 2, { handedTo: 'Lena Fischer' });
    await summoned(request.id, 'priya', 1, { nudged: true });
    await summoned(request.id, 'kenji', 2, { handedTo: null });
    const told = await view(request.id);
    expect(told.summoned.map(({ name, level, nudged, handedTo }) => [name, level, nudged, handedTo])).toEqual([
      ['Priya Raman', 1, true, null],
      ['Kenji Sato', 2, false, ''],
      ['Marco Bellini', 2, false, 'Lena Fischer'],
      ['Sam Okafor', 0, false, null],
    ]);
  });

  test('mentions people as they are linked, else as they were looked up', async () => {
    const request = await askCritical();
    await summoned(request.id, 'priya', 1);
    await summoned(request.id, 'marco', 2);
    await world.approve(request, 'priya');
    for (const name of ['priya', 'marco'] as const) await noteAddress(world.system, world.ids[name], `FOUND-${name}`);
    const user = { teamId: 'T1', userId: 'LINKED', enterpriseId: null, userName: 'Priya', email: null };
    await confirmSlackLink(world.person('priya'), await startSlackLink(world.system, user), true);
    const told = await view(request.id);
    expect(told.approvals).toMatchObject([{ slackUserId: 'LINKED' }]);
    expect(told.summoned.map(({ slackUserId }) => slackUserId)).toEqual(['LINKED', 'FOUND-marco']);
  });

  test('names somebody with Slack users in two workspaces once', async () => {
    const request = await askCritical();
    await summoned(request.id, 'priya', 1);
    await world.approve(request, 'priya');
    for (const teamId of ['T1', 'T2']) {
      const user = { teamId, userId: 'U1', enterpriseId: null, userName: 'Priya', email: null };
      await confirmSlackLink(world.person('priya'), await startSlackLink(world.system, user), true);
    }
    const told = await view(request.id);
    expect(told.summoned).toHaveLength(1);
    expect(told.approvals).toHaveLength(1);
  });

  test('is of one moment: never the status of one version with the approvals of another', async () => {
    const request = await askCritical();
    const deciding = (async () => {
      await world.approve(request, 'priya');
      await world.approve(request, 'marco');
    })();
    const seen: Awaited<ReturnType<typeof view>>[] = [];
    for (let told = await view(request.id); told.version < 3; told = await view(request.id)) seen.push(told);
    await deciding;
    for (const { version, approvals } of seen) expect(approvals).toHaveLength(version - 1);
    expect((await view(request.id)).approvals).toHaveLength(2);
  });

  test('is an error for a request that does not exist', async () => {
    await world.ask();
    await expect(view('apr_nothing')).rejects.toMatchObject({ code: 'not_found' });
    expect(await world.db.query.summonses.findMany({ where: eq(summonses.requestId, 'apr_nothing') })).toEqual([]);
  });
});
