import { describe, expect, test } from 'vitest';
import { escalationPolicies } from '../fake/company.ts';
import { getEscalationPolicy as tool } from './get-escalation-policy.ts';
import { runner, stage } from './stage.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_escalation_policy', () => {
  test('gives the levels in order, with names', async () => {
    expect(await run({ policy_id: escalationPolicies.warehouse.id })).toMatchInlineSnapshot();
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ policy_id: 'PENOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
