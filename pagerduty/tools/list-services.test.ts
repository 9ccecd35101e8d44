import { describe, expect, test } from 'vitest';
import { teams } from '../fake/company.ts';
import { listServices as tool } from './list-services.ts';
import { runner, stage } from './stage.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_services', () => {
  test('finds services by name, without integration keys', async () => {
    expect(await run({ query: 'checkout' })).toMatchInlineSnapshot();
  });

  test('filters by team and keeps to the limit', async () => {
    expect((await run({ teams_ids: [teams.commerce.id] })).text).toBe('2 services.');
    expect((await run({ teams_ids: null, limit: 1 })).text).toMatch(/^1 service; more exist/);
  });
});
