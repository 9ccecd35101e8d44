import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseToolsets } from '#identity/agents.ts';
import { readTools, writeTools } from '#pagerduty/tools/index.ts';
import { isToolset, TOOLSETS } from '#pagerduty/toolsets.ts';
import { companions } from './companions.ts';
import { createStage, ERAS, noteOnPayments, type Stage } from './testing/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(async () => {
  await stage.close();
});

describe.each(ERAS)('an agent that speaks %s', (era) => {
  test('is listed all tools of the official server once every toolset is on', async () => {
    await chooseToolsets(stage.agent, 'triage-bot', Object.keys(TOOLSETS).filter(isToolset));
    const names = (await (await stage.client(era)).tools()).map(({ name }) => name);
    const official = names.filter((name) => !Object.hasOwn(companions, name));
    expect(official.sort()).toEqual([...Object.keys(readTools), ...Object.keys(writeTools)].sort());
    expect([Object.keys(readTools).length, Object.keys(writeTools).length]).toEqual([63, 40]);
  });

  test('does not see and cannot call what is outside its toolsets, from the next message on', async () => {
    const client = await stage.client(era);
    expect((await client.tools()).map(({ name }) => name)).toContain('add_note_to_incident');
    await chooseToolsets(stage.agent, 'triage-bot', ['oncall']);
    const names = (await client.tools()).map(({ name }) => name);
    expect(names).toEqual(['list_oncalls', ...Object.keys(companions)]);
    await expect(client.call('add_note_to_incident', noteOnPayments)).rejects.toThrow('Unknown tool');
    await expect(client.call('list_incidents')).rejects.toThrow('Unknown tool');
    expect(await stage.held()).toEqual([]);
  });
});
