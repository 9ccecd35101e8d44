import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { switchOffAgent } from '#approvals/switch-off.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { agentCredentials, approvalRequests, agents as table } from '#db/schema.ts';
import { DEFAULT_TOOLSETS } from '#pagerduty/toolsets.ts';
import {
  authenticateAgent,
  chooseToolsets,
  createAgent,
  issueCredential,
  listAgents,
  revokeCredentials,
} from './agents.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

describe('an agent credential', () => {
  test('is shown once, stored as a hash, and opens the door for its agent alone', async () => {
    const token = await issueCredential(world.system, 'triage-bot');
    expect(token).toMatch(/^csa_[0-9a-z]{52}$/);
    expect(JSON.stringify(await world.db.select().from(agentCredentials))).not.toContain(token);
    expect(await authenticateAgent(world.system, token)).toEqual({
      id: 'agt_triage',
      name: 'triage-bot',
      canWrite: true,
      toolsets: [...DEFAULT_TOOLSETS],
    });
  });

  test('opens nothing when it is wrong, revoked, or its agent is switched off', async () => {
    const token = await issueCredential(world.system, 'triage-bot');
    for (const wrong of [
      '',
      'csa_',
      `${token}x`,
      token.toUpperCase(),
      token.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ]) {
      expect(await authenticateAgent(world.system, wrong)).toBeNull();
    }
    await switchOffAgent(world.system, 'triage-bot');
    expect(await authenticateAgent(world.system, token)).toBeNull();
    await world.db.update(table).set({ disabledAt: null });
    expect(await revokeCredentials(world.system, 'triage-bot')).toBe(1);
    expect(await authenticateAgent(world.system, token)).toBeNull();
    expect(await revokeCredentials(world.system, 'triage-bot')).toBe(0);
  });

  test('is noted as used once a minute, and no other with it', async () => {
    const token = await issueCredential(world.system, 'triage-bot');
    await issueCredential(world.system, 'other-bot');
    const first = world.clock.date();
    const used = async () => {
      await authenticateAgent(world.system, token);
      const all = await world.db.select().from(agentCredentials).orderBy(agentCredentials.agentId);
      return all.map(({ lastUsedAt }) => lastUsedAt);
    };
    expect(await used()).toEqual([null, first]);
    world.clock.advance(60);
    expect(await used()).toEqual([null, first]);
    world.clock.advance(1);
    expect(await used()).toEqual([null, world.clock.date()]);
  });
});

describe('an agent', () => {
  test('is alone when it is given toolsets, revoked or switched off', async () => {
    const [own, other] = [
      await issueCredential(world.system, 'triage-bot'),
      await issueCredential(world.system, 'other-bot'),
    ];
    const toolsets = async (token: string) => (await authenticateAgent(world.system, token))?.toolsets;
    const usual = [...DEFAULT_TOOLSETS];
    await chooseToolsets(world.system, 'triage-bot', ['incidents']);
    expect([await toolsets(own), await toolsets(other)]).toEqual([['incidents'], usual]);
    await chooseToolsets(world.system, 'triage-bot', null);
    expect([await toolsets(own), await toolsets(other)]).toEqual([usual, usual]);
    await revokeCredentials(world.system, 'triage-bot');
    expect([await toolsets(own), await toolsets(other)]).toEqual([undefined, usual]);
    await switchOffAgent(world.system, 'triage-bot');
    expect(await toolsets(other)).toEqual(usual);
  });

  test('has the toolsets that it was made with', async () => {
    await createAgent(world.system, { name: 'team-bot', ownerId: world.ids.dana, toolsets: ['teams'] });
    const token = await issueCredential(world.system, 'team-bot');
    expect(await authenticateAgent(world.system, token)).toMatchObject({ toolsets: ['teams'] });
  });

  test('has one plain name', async () => {
    await createAgent(world.system, { name: 'deploy-bot', ownerId: world.ids.dana });
    await expect(createAgent(world.system, { name: 'deploy-bot', ownerId: null })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(createAgent(world.system, { name: 'Deploy Bot', ownerId: null })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(issueCredential(world.system, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    expect((await listAgents(world.system)).map(({ name }) => name)).toEqual(['deploy-bot', 'other-bot', 'triage-bot']);
  });

  test('that is switched off takes everything back that was not claimed, also what was approved', async () => {
    const [waiting, approved] = [
      await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'hi' } }),
      await world.approve(await world.ask()),
    ];
    expect(await switchOffAgent(world.system, 'triage-bot')).toBe(2);
    for (const { id } of [waiting, approved]) {
      expect(await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) })).toMatchObject({
        status: 'cancelled',
      });
    }
  });
});
