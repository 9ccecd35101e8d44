import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { escalationPolicies, people, tokens } from './fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from './fake/server/server.ts';
import { createOnCallReader } from './on-call.ts';
import { createReadClient } from './read-client.ts';

let fake: FakePagerDuty;
let elapsedMs = 0;
beforeAll(async () => {
  fake = await startFakePagerDuty({});
});
afterAll(() => fake.close());
const reader = () =>
  createOnCallReader(createReadClient({ baseUrl: fake.url, token: tokens.accountRead, tries: 1 }), () => elapsedMs);
const checkout = escalationPolicies.checkout.id;

describe('who is on call', () => {
  test('is told level by level for the policies asked for, and only for them', async () => {
    const onCall = await reader().get([checkout], 0);
    if (!onCall.known) throw new Error(onCall.because);
    expect(onCall.entries.every(({ policyId }) => policyId === checkout)).toBe(true);
    const at = (level: number) => onCall.entries.filter((entry) => entry.level === level).map(({ userId }) => userId);
    expect(at(1).sort()).toEqual([people.dana.id, people.priya.id].sort());
    expect(at(2)).toEqual([people.marco.id]);
  });

  test('is nobody when no policy is asked for: PagerDuty would answer with everybody', async () => {
    expect(await reader().get([], 0)).toMatchObject({ known: true, entries: [] });
  });

  test('is remembered up to the age that will do, and read again after it', async () => {
    const onCall = reader();
    const first = await onCall.get([checkout], 60);
    elapsedMs += 59_999;
    expect(await onCall.get([checkout, checkout], 60)).toBe(first);
    elapsedMs += 1;
    expect(await onCall.get([checkout], 60)).not.toBe(first);
    expect(await onCall.get([checkout], 0)).not.toBe(first);
  });

  test('is not known when PagerDuty does not answer, and that is not remembered', async () => {
    const onCall = reader();
    fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'error_before', times: 1 });
    expect(await onCall.get([checkout], 60)).toMatchObject({
      known: false,
      because: expect.stringContaining('did not answer'),
    });
    expect(await onCall.get([checkout], 60)).toMatchObject({ known: true });
  });
});
