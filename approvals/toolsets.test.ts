import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agents } from '#db/schema.ts';
import { chooseToolsets } from '#identity/agents.ts';
import { DEFAULT_TOOLSETS, isToolset, parseToolsets, TOOLSETS, toolsetsOf } from '#pagerduty/toolsets.ts';
import { mayReadPagerDuty } from '#process/settings/pagerduty.ts';
import { type Environment, readSettings } from '#process/settings/setting.ts';
import { claim } from './claim.ts';
import { assertInvariants } from './proof/invariants.ts';
import { read } from './read.ts';
import { submit } from './submit.ts';
import { createWorld, type World } from './testing/world.ts';

describe('the toolsets of an agent', () => {
  test('are its own choice, else the installation’s, else what an incident needs', () => {
    expect(toolsetsOf(['teams'], null)).toEqual(['teams']);
    expect(toolsetsOf(null, ['webhooks'])).toEqual(['webhooks']);
    expect(toolsetsOf(null, null)).toEqual(DEFAULT_TOOLSETS);
  });

  test('are never more than the installation allows, and unknown names give nothing', () => {
    expect(toolsetsOf(['teams', 'webhooks'], ['webhooks', 'incidents'])).toEqual(['webhooks']);
    expect(toolsetsOf(['removed_in_a_later_version', '__proto__'], null)).toEqual([]);
    expect(toolsetsOf([], null)).toEqual([]);
  });

  test('are written as names with commas between, as "all" or as "default"', () => {
    expect(parseToolsets('teams, incidents')).toEqual(['incidents', 'teams']);
    expect(parseToolsets('all')).toEqual(Object.keys(TOOLSETS).filter(isToolset));
    expect(parseToolsets('default,teams')).toEqual([...DEFAULT_TOOLSETS, 'teams']);
    expect(parseToolsets('team')).toMatchObject({
      problem: expect.stringMatching(/^"team" is no toolset. There are all/),
    });
    expect(parseToolsets('')).toHaveProperty('problem');
  });

  test('of the installation are refused at start when a name is wrong', () => {
    const installed = (env: Environment) => readSettings(mayReadPagerDuty, env).toolsets;
    expect(installed({})).toBeNull();
    expect(installed({ COUNTERSIGN_TOOLSETS: 'oncall' })).toEqual(['oncall']);
    expect(() => installed({ COUNTERSIGN_TOOLSETS: 'on-call' })).toThrow(
      'COUNTERSIGN_TOOLSETS must name toolsets. "on-call" is no toolset.',
    );
  });
});

describe('outside its toolsets', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(async () => {
    await assertInvariants(world.db, world.fake.ledger());
    await world.close();
  });
  const arguments_ = { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'resolved' } };

  test('an agent can neither ask nor read, and leaves nothing behind', async () => {
    await chooseToolsets(world.agent, 'triage-bot', ['oncall']);
    const ask = submit(world.agent, { tool: 'manage_incidents', arguments: arguments_ });
    await expect(ask).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('no write tool') });
    const look = read(world.agent, { tool: 'list_incidents', arguments: {} });
    await expect(look).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('no read tool') });
    expect(await world.db.query.approvalRequests.findMany()).toEqual([]);
    expect(await world.db.query.reads.findMany()).toEqual([]);
  });

  test('of the installation, an agent’s own choice does not help', async () => {
    await chooseToolsets(world.agent, 'triage-bot', ['incidents']);
    const ctx = { ...world.agent, toolsets: ['oncall'] as const };
    await expect(submit(ctx, { tool: 'manage_incidents', arguments: arguments_ })).rejects.toThrow('no write tool');
  });

  test('nothing is sent that was approved before', async () => {
    const request = await world.ask();
    await world.approve(request);
    await chooseToolsets(world.agent, 'triage-bot', ['oncall']);
    expect(await world.execute(request.id)).toEqual({ kind: 'ended' });
    const row = await world.db.query.approvalRequests.findFirst();
    expect(row).toMatchObject({
      status: 'cancelled',
      because: 'The agent may no longer use this tool. Nothing was sent.',
    });
    expect(world.fake.ledger()).toEqual([]);
  });

  test('nothing is sent when the tool is taken away while the claim looks at PagerDuty', async () => {
    const request = await world.ask();
    await world.approve(request);
    const { pagerduty } = world.system;
    const slowly: typeof pagerduty = {
      ...pagerduty,
      async get(path, schema, query) {
        // The approver's e-mail is the last thing a claim reads.
        if (path.startsWith('/users/')) {
          await world.db
            .update(agents)
            .set({ toolsets: ['oncall'] })
            .where(eq(agents.id, 'agt_triage'));
        }
        return pagerduty.get(path, schema, query);
      },
    };
    await expect(claim({ ...world.system, pagerduty: slowly }, request.id, 'test')).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(world.fake.ledger()).toEqual([]);
  });

  test('nothing is sent when an agent falls back to the usual toolsets while the claim looks at PagerDuty', async () => {
    await chooseToolsets(world.agent, 'triage-bot', ['teams']);
    const team = { team_id: 'PTDATA1', update_model: { team: { name: 'Data and Mail' } } };
    const request = await world.ask({ tool: 'update_team', arguments: team });
    await world.approve(request, 'sam');
    const { pagerduty } = world.system;
    const slowly: typeof pagerduty = {
      ...pagerduty,
      async get(path, schema, query) {
        if (path.startsWith('/users/')) await chooseToolsets(world.agent, 'triage-bot', null);
        return pagerduty.get(path, schema, query);
      },
    };
    const ctx = { ...world.system, pagerduty: slowly };
    await expect(claim(ctx, request.id, 'test')).rejects.toMatchObject({ code: 'conflict' });
    expect(world.fake.ledger()).toEqual([]);
  });
});
