import { describe, expect, test } from 'vitest';
import { escalationPolicies, people, schedules, services } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listOncalls as tool } from './list-oncalls.ts';

const { reads, play } = await stage();
const run = runner(tool, reads);
const names = ({ answer }: Awaited<ReturnType<typeof run>>) =>
  [...JSON.stringify(answer).matchAll(/"user":\{"id":"\w+","name":"([^"]+)"/g)].map(([, name]) => name);

describe('list_oncalls', () => {
  test('says who is on call at which level', async () => {
    const { answer, text } = await run({ escalation_policy_ids: [escalationPolicies.checkout.id], limit: 2 });
    expect(text).toBe('2 on-call entries; more exist, narrow the filters or raise the limit.');
    expect(answer).toMatchInlineSnapshot(`
      {
        "more": true,
        "oncalls": [
          {
            "end": null,
            "escalation_level": 1,
            "escalation_policy": {
              "id": "PECHKOT",
              "name": "Checkout and Payments",
            },
            "schedule": null,
            "start": null,
            "user": {
              "id": "PUDANA1",
              "name": "Dana Whitfield",
            },
          },
          {
            "end": null,
            "escalation_level": 3,
            "escalation_policy": {
              "id": "PECHKOT",
              "name": "Checkout and Payments",
            },
            "schedule": null,
            "start": null,
            "user": {
              "id": "PUPRIYA",
              "name": "Priya Raman",
            },
          },
        ],
      }
    `);
  });

  test('finds the policy of a service', async () => {
    const byService = await run({ service_ids: [services.checkout.id] });
    expect(byService).toEqual(await run({ escalation_policy_ids: [escalationPolicies.checkout.id] }));
  });

  test('filters by user and schedule', async () => {
    expect(names(await run({ schedule_ids: [schedules.checkoutPrimary.id] }))).toEqual([people.priya.name]);
    expect(new Set(names(await run({ user_ids: [people.marco.id] })))).toEqual(new Set([people.marco.name]));
    expect(names(await run({ user_ids: [people.lena.id] }))).toEqual([]);
  });

  test('never lists the whole account for services that have no policy', async () => {
    await expect(run({ service_ids: ['PSNOONE'] })).rejects.toMatchObject({ kind: 'not_found' });
    expect(play.requests()).toEqual([]);
  });
});
