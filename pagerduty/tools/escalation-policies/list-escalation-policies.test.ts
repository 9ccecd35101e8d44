import { describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listEscalationPolicies as tool } from './list-escalation-policies.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_escalation_policies', () => {
  test('finds policies by name, team and user', async () => {
    expect((await run({ query: 'checkout' })).text).toBe('1 escalation policy.');
    expect((await run({ team_ids: [teams.logistics.id] })).text).toBe('2 escalation policies.');
    expect((await run({ user_ids: [people.lena.id] })).text).toBe('No escalation policies.');
    expect((await run({ include: ['targets'], limit: 1 })).text).toMatch(/^1 escalation policy; more exist/);
  });
});
