import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiDocument } from '../testing/documents.ts';
import { alertGroupingCalls } from './calls/alert-grouping.ts';
import { analyticsCalls } from './calls/analytics.ts';
import type { DrivenCall } from './calls/call.ts';
import { changeEventsCalls } from './calls/change-events.ts';
import { incidentsCalls } from './calls/incidents.ts';
import { orchestrationsCalls } from './calls/orchestrations.ts';
import { servicesCalls } from './calls/services.ts';
import { shiftSchedulesCalls } from './calls/shift-schedules.ts';
import { statusPagesCalls } from './calls/status-pages.ts';
import { teamsCalls } from './calls/teams.ts';
import { usersCalls } from './calls/users.ts';
import { webhooksCalls } from './calls/webhooks.ts';
import { workflowsCalls } from './calls/workflows.ts';
import { company } from './company.ts';
import { openApiJudge } from './openapi.ts';
import { pathParams, routes } from './server/routes.ts';
import { type FakePagerDuty, startFakePagerDuty } from './server/server.ts';

const { needed } = apiDocument();
const judge = await openApiJudge();

const { people, services, schedules, escalationPolicies, incidents, tokens, priorities, teams } = company;
const user = (who: { id: string }) => ({ id: who.id, type: 'user_reference' });
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const dayAfter = new Date(Date.now() + 172_800_000).toISOString();
const rule = { escalation_delay_in_minutes: 5, targets: [user(people.marco)] };

let fake: FakePagerDuty;
const driven = new Set<string>();

async function drive(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const { pathname } = new URL(path, fake.url);
  const route = routes.find((one) => one.method === method && pathParams(one.path, pathname) !== null);
  driven.add(`${method} ${route?.path}`);
  const response = await fetch(fake.url + path, {
    method,
    headers: {
      authorization: `Token token=${path.startsWith('/users/me') ? tokens.userMarco : tokens.accountFull}`,
      from: people.marco.email,
      'content-type': 'application/json',
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const window = `since=${encodeURIComponent(tomorrow)}&until=${encodeURIComponent(dayAfter)}`;
const target = { id: people.kenji.id, type: 'user_reference' };

/** Ids that are only known once the fake runs. */
const laterIds: Record<string, () => string | undefined> = {
  '<alert>': () => fake.state().alerts.find(({ incidentId }) => incidentId === incidents.checkout5xx.id)?.id,
  '<note>': () => fake.state().notes.at(-1)?.id,
  '<log-entry>': () => fake.state().logEntries[0]?.id,
  '<override>': () => fake.state().schedules[0]?.overrides[0]?.id,
  '<policy>': () => fake.state().escalationPolicies.at(-1)?.id,
};

/** One call for every row of the table. */
const calls: DrivenCall[] = [
  ['GET', '/incidents?statuses[]=triggered&urgencies[]=high&limit=5&total=true&priority_ids[]=PRIO001'],
  ['GET', '/incidents?date_range=all&limit=100'],
  ['GET', `/incidents/${incidents.checkout5xx.id}`],
  ['GET', `/incidents/${incidents.mailerBounces.id}/alerts`],
  ['GET', `/incidents/${incidents.checkout5xx.id}/alerts/<alert>`],
  ['GET', `/incidents/${incidents.conveyorOffline.id}/notes`],
  ['POST', `/incidents/${incidents.checkout5xx.id}/notes`, { note: { content: 'Rolling back 5.19.2.' } }],
  ['DELETE', `/incidents/${incidents.checkout5xx.id}/notes/<note>`],
  [
    'PUT',
    '/incidents',
    {
      incidents: [
        { id: incidents.checkout5xx.id, type: 'incident_reference', status: 'acknowledged', urgency: 'low' },
        { id: incidents.paymentWebhooks.id, type: 'incident_reference', escalation_level: 2 },
        { id: incidents.cartMemory.id, type: 'incident_reference', status: 'triggered' },
      ],
    },
  ],
  [
    'PUT',
    `/incidents/${incidents.trackingLag.id}`,
    {
      incident: {
        type: 'incident_reference',
        assignments: [{ assignee: user(people.aisha) }],
        title: 'Tracking events are late',
        priority: { id: priorities.p2.id, type: 'priority_reference' },
        conference_bridge: { conference_number: '+49 30 1234', conference_url: 'https://meet.northwind.example/1' },
      },
    },
  ],
  [
    'POST',
    '/incidents',
    {
      incident: {
        type: 'incident',
        title: 'Refunds are stuck',
        service: { id: services.payments.id, type: 'service_reference' },
        priority: { id: priorities.p3.id, type: 'priority_reference' },
        body: { type: 'incident_body', details: 'Queue is growing.' },
        incident_key: 'judge-1',
      },
    },
  ],
  [
    'POST',
    `/incidents/${incidents.checkout5xx.id}/responder_requests`,
    {
      requester_id: people.marco.id,
      message: 'Please join',
      responder_request_targets: [
        { responder_request_target: target },
        { responder_request_target: { id: escalationPolicies.tracking.id, type: 'escalation_policy_reference' } },
      ],
    },
  ],
  ['GET', `/incidents/${incidents.checkout5xx.id}`],
  [
    'PUT',
    `/incidents/${incidents.checkout5xx.id}/responder_requests/cancel`,
    { requester_id: people.marco.id, responder_request_targets: [target] },
  ],
  ['GET', `/incidents/${incidents.checkout5xx.id}/log_entries?limit=50`],
  ['GET', '/log_entries?limit=100'],
  ['GET', '/log_entries/<log-entry>'],
  ['GET', '/oncalls?include[]=users&limit=100'],
  ['GET', `/oncalls?${window}&earliest=true&time_zone=Asia/Tokyo&schedule_ids[]=${schedules.warehouseShifts.id}`],
  ['GET', '/schedules'],
  [
    'POST',
    `/schedules/${schedules.checkoutPrimary.id}/overrides`,
    { overrides: [{ start: tomorrow, end: dayAfter, user: user(people.lena) }] },
  ],
  ['GET', `/schedules/${schedules.checkoutPrimary.id}?${window}`],
  ['GET', `/schedules/${schedules.dataDayNight.id}?${window}&overflow=true`],
  ['GET', `/schedules/${schedules.trackingPrimary.id}/users`],
  ['GET', `/schedules/${schedules.checkoutPrimary.id}/overrides?${window}`],
  ['DELETE', `/schedules/${schedules.checkoutPrimary.id}/overrides/<override>`],
  ['GET', '/v3/schedules'],
  ['GET', `/v3/schedules/${schedules.warehouseShifts.id}?include[]=final_schedule`],
  ['GET', '/escalation_policies?user_ids[]=PUMARCO&sort_by=name'],
  ['GET', `/escalation_policies/${escalationPolicies.checkout.id}`],
  [
    'PUT',
    `/escalation_policies/${escalationPolicies.warehouse.id}`,
    { escalation_policy: { type: 'escalation_policy', name: 'Warehouse', escalation_rules: [rule] } },
  ],
  [
    'POST',
    '/escalation_policies',
    { escalation_policy: { type: 'escalation_policy', name: 'New', escalation_rules: [rule] } },
  ],
  ['DELETE', '/escalation_policies/<policy>'],
  ['GET', '/users?query=ma'],
  ['GET', '/users/me'],
  ['GET', `/users/${people.lena.id}`],
  ['GET', '/teams'],
  ['GET', `/teams/${teams.data.id}`],
  ['GET', `/teams/${teams.data.id}/members`],
  ['GET', `/services?team_ids[]=${teams.data.id}&sort_by=name:desc`],
  ['GET', `/services/${services.checkout.id}`],
  ['GET', '/priorities'],
  ['GET', '/abilities'],
  ['POST', '/analytics/metrics/incidents/all', { filters: { created_at_start: tomorrow, created_at_end: dayAfter } }],
  ['GET', '/audit/records?root_resource_types[]=teams&actions[]=create'],
  ['GET', `/users/${people.lena.id}/audit/records`],
  ['GET', `/teams/${teams.data.id}/audit/records`],
  ['GET', `/services/${services.checkout.id}/audit/records`],
  ['GET', `/escalation_policies/${escalationPolicies.warehouse.id}/audit/records`],
  ['GET', `/schedules/${schedules.checkoutPrimary.id}/audit/records`],
  ['GET', `/v3/schedules/${schedules.warehouseShifts.id}/audit/records`],
  ...incidentsCalls,
  ...servicesCalls,
  ...teamsCalls,
  ...shiftSchedulesCalls,
  ...changeEventsCalls,
  ...workflowsCalls,
  ...alertGroupingCalls,
  ...orchestrationsCalls,
  ...statusPagesCalls,
  ...webhooksCalls,
  ...analyticsCalls,
  ...usersCalls,
];

describe("the playable PagerDuty speaks PagerDuty's own description", needed, () => {
  beforeAll(async () => {
    fake = await startFakePagerDuty({ judge });
  });
  afterAll(() => fake.close());

  test.each(calls)('%# %s %s is as documented, question and answer', async (method, path, body) => {
    fake.problems.length = 0;
    const answer = await drive(
      method,
      path.replace(/<.*>/, (name) => laterIds[name]?.() ?? name),
      body,
    );
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    expect(fake.problems).toEqual([]);
  });

  test('no row of the table was left out', () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).filter((row) => !driven.has(row))).toEqual([]);
  });
});

describe('the judge', needed, () => {
  test('finds a wrong status word, a missing field and an unknown operation', () => {
    const put = judge?.request('PUT', '/incidents', new URLSearchParams(), {
      incidents: [{ id: 'P1', status: 'solved' }],
    });
    expect(put?.join('\n')).toContain("must have required property 'type'");
    expect(put?.join('\n')).toContain('allowed values');
    expect(judge?.request('PATCH', '/incidents', new URLSearchParams(), {})).toEqual([
      'no such operation is documented',
    ]);
  });

  test('finds an undocumented query, a missing one and a wrong value', () => {
    expect(judge?.request('GET', '/incidents', new URLSearchParams('status=open'), undefined)).toHaveLength(1);
    expect(judge?.request('GET', '/schedules/P1/overrides', new URLSearchParams(), undefined)).toHaveLength(2);
    expect(judge?.request('GET', '/incidents', new URLSearchParams('statuses[]=solved'), undefined)).toHaveLength(1);
  });

  test('finds an answer of the wrong shape or status', () => {
    const answer = judge?.answer('GET', '/incidents/P1', 200, { incident: { incident_number: 'four' } });
    expect(answer?.join('\n')).toContain('must be integer');
    expect(judge?.answer('GET', '/incidents/P1', 202, {})).toEqual(['status 202 is not documented']);
  });
});
