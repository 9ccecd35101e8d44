import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { company } from '../company.ts';
import { type FakePagerDuty, startFakePagerDuty } from './server.ts';

const { people, services, schedules, escalationPolicies, incidents, tokens, oauthClients } = company;

let fake: FakePagerDuty;

beforeEach(async () => {
  fake = await startFakePagerDuty();
});
afterEach(() => fake.close());

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Tests look into answers freely; a wrong path shows as a failed expectation.
  json: ReturnType<typeof JSON.parse>;
}

interface Call {
  token?: string;
  from?: string | null;
  body?: unknown;
  url?: string;
}

async function call(method: string, path: string, options: Call = {}): Promise<Answer> {
  const { token = `Token token=${tokens.accountFull}`, from = people.marco.email, body, url = fake.url } = options;
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: token,
      accept: 'application/vnd.pagerduty+json;version=2',
      ...(from === null ? {} : { from }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  return { status: response.status, headers: response.headers, text, json };
}

const put = (id: string, change: object, options: Call = {}) =>
  call('PUT', `/incidents/${id}`, { ...options, body: { incident: { type: 'incident_reference', ...change } } });
const incident = async (id: string) => (await call('GET', `/incidents/${id}`)).json.incident;
const logTypes = async (id: string): Promise<string[]> =>
  (await call('GET', `/incidents/${id}/log_entries?limit=100`)).json.log_entries.map(
    ({ type }: { type: string }) => type,
  );
const newIncident = (more: object = {}) => ({
  incident: {
    type: 'incident',
    title: 'Refunds stuck',
    service: { id: services.payments.id, type: 'service_reference' },
    ...more,
  },
});
const onCalls = async (query: string) =>
  (await call('GET', `/oncalls?${query}`)).json.oncalls.map(
    (row: { escalation_level: number; user: { id: string } }) => `${row.escalation_level} ${row.user.id}`,
  );
const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

describe('credentials', () => {
  test('a wrong key, an OAuth token in the wrong scheme and no key at all answer 401 with code 2006', async () => {
    for (const token of ['Token token=wrong', `Bearer ${tokens.accountFull}`, '']) {
      const answer = await call('GET', '/incidents', { token });
      expect([answer.status, answer.json.error.code]).toEqual([401, 2006]);
    }
  });

  test('a read-only key may GET, and nothing else, not even the analytics that only read', async () => {
    const token = `Token token=${tokens.accountRead}`;
    expect((await call('GET', '/incidents', { token })).status).toBe(200);
    for (const path of ['/incidents', '/analytics/metrics/incidents/all']) {
      const answer = await call('POST', path, { token, body: newIncident() });
      expect([answer.status, answer.json.error.code]).toEqual([403, 2010]);
    }
    expect(fake.ledger()).toEqual([]);
    expect(fake.requests().map(({ outcome }) => outcome)).toEqual(['refused']);
  });

  test('users/me knows the person behind a user key; an account key gets a 400 whose error is a text', async () => {
    const mine = await call('GET', '/users/me', { token: `Token token=${tokens.userMarco}` });
    expect(mine.json.user.email).toBe(people.marco.email);
    const nobody = await call('GET', '/users/me');
    expect([nobody.status, typeof nobody.json.error]).toEqual([400, 'string']);
  });

  test('client credentials give a token with the scopes the client may have, and only those work', async () => {
    const grant = async (scope: string, secret: string = oauthClients.reader.clientSecret) => {
      const form = {
        grant_type: 'client_credentials',
        client_id: oauthClients.reader.clientId,
        client_secret: secret,
        scope,
      };
      const response = await fetch(`${fake.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
      return { status: response.status, json: await response.json() };
    };
    const { json } = await grant('as_account-us.northwind incidents.read incidents.write');
    expect(json.scope).toBe('as_account-us.northwind incidents.read');
    const token = `Bearer ${json.access_token}`;
    expect((await call('GET', '/incidents', { token })).status).toBe(200);
    expect((await call('GET', '/services', { token })).status).toBe(403);
    expect((await put(incidents.checkout5xx.id, { status: 'resolved' }, { token })).status).toBe(403);
    expect((await grant('nonsense')).json.scope).toBe('openid');
    expect((await grant('incidents.read', 'wrong')).status).toBe(401);
  });

  test('every answer carries the rate headers and a request id of its own', async () => {
    const [first, second] = [await call('GET', '/priorities'), await call('GET', '/nothing')];
    expect(second.status).toBe(404);
    for (const { headers } of [first, second]) {
      expect(headers.get('ratelimit-limit')).toBe('960');
      expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(0);
    }
    expect(first.headers.get('x-request-id')).not.toBe(second.headers.get('x-request-id'));
  });

  test('From is demanded, and must be somebody', async () => {
    const missing = await put(incidents.checkout5xx.id, { status: 'resolved' }, { from: null });
    expect([missing.status, missing.json.error.message]).toEqual([400, expect.stringContaining('"From" header')]);
    const unknown = await put(incidents.checkout5xx.id, { status: 'resolved' }, { from: 'nobody@northwind.example' });
    expect([unknown.status, unknown.json.error.code]).toEqual([400, 1008]);
    expect((await incident(incidents.checkout5xx.id)).status).toBe('triggered');
  });
});

describe('lists', () => {
  test('pages have 25 records unless asked, at most 100, and a total only when asked for', async () => {
    fake.change((state) => {
      const [first] = state.incidents;
      for (let number = 1; first !== undefined && number <= 120; number++) {
        state.incidents.push({ ...first, id: `QX${number}`, number });
      }
    });
    const { json } = await call('GET', '/incidents');
    expect([json.incidents.length, json.limit, json.more, json.total]).toEqual([25, 25, true, null]);
    const wide = (await call('GET', '/incidents?limit=500&offset=100&total=true')).json;
    expect([wide.incidents.length, wide.limit, wide.more, wide.total]).toEqual([28, 100, false, 128]);
    const far = await call('GET', '/incidents?limit=100&offset=9950');
    expect([far.status, far.json.error.code]).toEqual([400, 2002]);
  });

  test('incidents are filtered by status, urgency, service, team, priority, person, number and key', async () => {
    const ids = async (query: string) =>
      (await call('GET', `/incidents?${query}`)).json.incidents.map(({ id }: { id: string }) => id);
    expect(await ids('statuses[]=resolved')).toEqual([incidents.certificate.id, incidents.cartMemory.id]);
    expect(await ids('urgencies[]=low')).toEqual([incidents.slowLabels.id]);
    expect(await ids('priority_ids[]=PRIO001')).toEqual([incidents.checkout5xx.id]);
    expect(await ids(`service_ids[]=${services.payments.id}`)).toEqual([incidents.paymentWebhooks.id]);
    expect(await ids(`user_ids[]=${people.dana.id}`)).toEqual([incidents.checkout5xx.id, incidents.paymentWebhooks.id]);
    expect(await ids('incident_key=northwind-4821')).toEqual([incidents.checkout5xx.id]);
    expect(await ids('incident_key=')).toHaveLength(6);
    expect((await call('GET', '/incidents/4821')).json.incident.id).toBe(incidents.checkout5xx.id);
  });

  test('one alert carries a prompt injection with hidden characters', async () => {
    const { json } = await call('GET', `/incidents/${incidents.mailerBounces.id}/alerts`);
    const text = JSON.stringify(json.alerts[0].body.details);
    expect(text).toMatch(/\u202e/u);
    expect(text).toMatch(/[\u{e0000}-\u{e007f}]/u);
  });
});

describe('the life of an incident', () => {
  test('acknowledging adds the person once, with a log entry and a new status change', async () => {
    await put(incidents.checkout5xx.id, { status: 'acknowledged' });
    await put(incidents.checkout5xx.id, { status: 'acknowledged' });
    const now = await incident(incidents.checkout5xx.id);
    expect(now.status).toBe('acknowledged');
    expect(now.acknowledgements.map((one: { acknowledger: { id: string } }) => one.acknowledger.id)).toEqual([
      people.marco.id,
    ]);
    expect(now.last_status_change_by.id).toBe(people.marco.id);
    expect(now.pending_actions.map(({ type }: { type: string }) => type)).toEqual(['unacknowledge']);
    expect((await logTypes(incidents.checkout5xx.id)).filter((type) => type === 'acknowledge_log_entry')).toHaveLength(
      1,
    );
  });

  test('resolving empties the assignments, resolves the alerts and keeps the resolution; twice is refused with 1001', async () => {
    await put(incidents.checkout5xx.id, { status: 'resolved', resolution: 'Rolled back. [marker]' });
    const now = await incident(incidents.checkout5xx.id);
    expect([now.status, now.assignments, now.alert_counts.triggered]).toEqual(['resolved', [], 0]);
    expect(now.resolved_at).toBe(now.last_status_change_at);
    const { json } = await call('GET', `/incidents/${incidents.checkout5xx.id}/log_entries`);
    expect(json.log_entries[0]).toMatchObject({
      type: 'resolve_log_entry',
      agent: { id: people.marco.id },
      channel: { type: 'api' },
      note: 'Rolled back. [marker]',
    });
    const again = await put(incidents.checkout5xx.id, { status: 'resolved' });
    expect([again.status, again.json.error.code]).toEqual([400, 1001]);
  });

  test('a stale acknowledge reopens a resolved incident and assigns it to the person', async () => {
    await put(incidents.cartMemory.id, { status: 'acknowledged' });
    const now = await incident(incidents.cartMemory.id);
    expect([now.status, now.resolved_at, now.assignments[0].assignee.id]).toEqual([
      'acknowledged',
      null,
      people.marco.id,
    ]);
    await put(incidents.certificate.id, { status: 'triggered' });
    expect((await incident(incidents.certificate.id)).assigned_via).toBe('escalation_policy');
  });

  test('escalating pages the people of that level, and a level that does not exist is refused', async () => {
    await put(incidents.checkout5xx.id, { escalation_level: 2 });
    const now = await incident(incidents.checkout5xx.id);
    expect(now.assignments.map((one: { assignee: { id: string } }) => one.assignee.id)).toEqual([people.marco.id]);
    expect(await logTypes(incidents.checkout5xx.id)).toContain('escalate_log_entry');
    const far = await put(incidents.checkout5xx.id, { escalation_level: 9 });
    expect([far.status, far.json.error.code]).toEqual([400, 1006]);
  });

  test('reassigning is direct, needs known people and pages them again', async () => {
    await put(incidents.trackingLag.id, {
      assignments: [{ assignee: { id: people.lena.id, type: 'user_reference' } }],
    });
    const now = await incident(incidents.trackingLag.id);
    expect([now.assigned_via, now.status, now.acknowledgements]).toEqual(['direct_assignment', 'triggered', []]);
    expect(now.pending_actions).toEqual([]);
    const unknown = await put(incidents.trackingLag.id, {
      assignments: [{ assignee: { id: 'PNOBODY', type: 'user_reference' } }],
    });
    expect([unknown.status, unknown.json.error.code]).toEqual([400, 1007]);
  });

  test('one invalid member invalidates the whole batch, and 251 members are too many', async () => {
    const change = (id: string) => ({ id, type: 'incident_reference', status: 'resolved' });
    const body = { incidents: [change(incidents.checkout5xx.id), change(incidents.cartMemory.id)] };
    expect((await call('PUT', '/incidents', { body })).status).toBe(400);
    expect((await incident(incidents.checkout5xx.id)).status).toBe('triggered');
    const many = { incidents: Array.from({ length: 251 }, () => change(incidents.checkout5xx.id)) };
    expect((await call('PUT', '/incidents', { body: many })).status).toBe(413);
    expect(fake.ledger()).toEqual([]);
  });

  test('a second open incident with the key is refused on the same service, and allowed once the first is resolved', async () => {
    const body = newIncident({ incident_key: 'countersign:1' });
    const first = await call('POST', '/incidents', { body });
    expect([first.status, first.json.incident.status]).toEqual([201, 'triggered']);
    expect(first.json.incident.assignments).toHaveLength(2);
    const second = await call('POST', '/incidents', { body });
    expect([second.status, second.json.error.code]).toEqual([400, 2002]);
    await put(first.json.incident.id, { status: 'resolved' });
    expect((await call('POST', '/incidents', { body })).status).toBe(201);
    expect((await call('GET', '/incidents?incident_key=countersign:1')).json.incidents).toHaveLength(2);
  });

  test('an incident assigned to its own creator starts acknowledged; an empty title is refused', async () => {
    const assignments = [{ assignee: { id: people.marco.id, type: 'user_reference' } }];
    const own = await call('POST', '/incidents', { body: newIncident({ assignments }) });
    expect(own.json.incident).toMatchObject({ status: 'acknowledged', assigned_via: 'direct_assignment' });
    const empty = await call('POST', '/incidents', { body: newIncident({ title: ' ' }) });
    expect([empty.status, empty.json.error.code]).toEqual([400, 2001]);
  });

  test('notes come and go, 2000 at most', async () => {
    const path = `/incidents/${incidents.checkout5xx.id}/notes`;
    const { status, json } = await call('POST', path, { body: { note: { content: 'Rolling back' } } });
    expect([status, json.note.content, json.note.user.id]).toEqual([200, 'Rolling back', people.marco.id]);
    expect(await logTypes(incidents.checkout5xx.id)).toContain('annotate_log_entry');
    expect((await call('DELETE', `${path}/${json.note.id}`)).status).toBe(204);
    expect((await call('GET', path)).json.notes).toEqual([]);
    fake.change((state) => {
      const at = new Date().toISOString();
      const note = {
        incidentId: incidents.checkout5xx.id,
        userId: people.marco.id,
        content: 'x',
        createdAt: at,
        updatedAt: at,
      };
      state.notes = Array.from({ length: 2000 }, (_, index) => ({ ...note, id: `PN${index}` }));
    });
    expect((await call('POST', path, { body: { note: { content: 'One more' } } })).status).toBe(400);
  });

  test('responders are asked through people and policies, and only pending ones can be cancelled', async () => {
    const path = `/incidents/${incidents.checkout5xx.id}/responder_requests`;
    const target = { id: people.lena.id, type: 'user_reference' };
    const policy = { id: escalationPolicies.tracking.id, type: 'escalation_policy_reference' };
    const body = {
      requester_id: people.priya.id,
      message: 'Please join',
      responder_request_targets: [{ responder_request_target: target }, policy],
    };
    expect((await call('POST', path, { body })).json.responder_request.responder_request_targets).toHaveLength(2);
    const now = await incident(incidents.checkout5xx.id);
    expect(now.incidents_responders).toHaveLength(2);
    expect(now.incidents_responders[0]).toMatchObject({ state: 'pending', requester: { id: people.priya.id } });
    const cancel = {
      requester_id: people.priya.id,
      responder_request_targets: [target, { ...target, id: people.sam.id }],
    };
    const cancelled = await call('PUT', `${path}/cancel`, { body: cancel });
    expect(cancelled.json.responder_request_targets.map(({ result }: { result: string }) => result)).toEqual([
      'cancelled',
      'not_found',
    ]);
    const nobody = await call('POST', path, { body: { ...body, requester_id: 'PNOBODY' } });
    expect([nobody.status, nobody.json.error.code]).toEqual([400, 1008]);
  });
});

describe('who is on call', () => {
  test('the named people are on call for Checkout whenever one looks', async () => {
    for (const at of ['', `since=${hours(24 * 31)}&until=${hours(24 * 31)}`]) {
      const rows = await onCalls(`escalation_policy_ids[]=${escalationPolicies.checkout.id}&limit=100&${at}`);
      expect(rows.filter((row: string) => !row.startsWith('3'))).toEqual([
        `1 ${people.priya.id}`,
        `1 ${people.dana.id}`,
        `2 ${people.marco.id}`,
      ]);
      expect(rows).toHaveLength(11);
    }
    expect(await onCalls(`user_ids[]=${people.lena.id}`)).toEqual([]);
    expect(await onCalls(`schedule_ids[]=${schedules.warehouseShifts.id}`)).toEqual([`1 ${people.aisha.id}`]);
  });

  test('a day-and-night schedule always has exactly one person, and a weekly one turns', async () => {
    const rows = (schedule: string, from: number, to: number) =>
      onCalls(`schedule_ids[]=${schedule}&since=${hours(from)}&until=${hours(to)}`);
    expect(await rows(schedules.dataDayNight.id, 5, 5)).toHaveLength(1);
    expect(new Set(await rows(schedules.dataDayNight.id, 0, 24))).toEqual(
      new Set([`2 ${people.tomas.id}`, `2 ${people.kenji.id}`]),
    );
    expect(new Set(await rows(schedules.trackingPrimary.id, 0, 24 * 8)).size).toBe(2);
    const earliest = await onCalls(
      `schedule_ids[]=${schedules.trackingPrimary.id}&since=${hours(0)}&until=${hours(24 * 60)}&earliest=true`,
    );
    expect(earliest).toHaveLength(2);
    expect((await call('GET', `/oncalls?until=${hours(24 * 91)}`)).status).toBe(400);
  });

  test('an override wins, the last created wins over it, and who is paged follows', async () => {
    const path = `/schedules/${schedules.checkoutPrimary.id}/overrides`;
    const override = (who: { id: string }) => ({
      start: hours(-1),
      end: hours(1),
      user: { id: who.id, type: 'user_reference' },
    });
    const answer = await call('POST', path, {
      body: { overrides: [override(people.sam), { ...override(people.sam), end: hours(-2) }, override(people.lena)] },
    });
    expect([answer.status, answer.json.map(({ status }: { status: number }) => status)]).toEqual([
      201,
      [201, 400, 201],
    ]);
    expect(await onCalls(`schedule_ids[]=${schedules.checkoutPrimary.id}`)).toEqual([`1 ${people.lena.id}`]);
    expect(await onCalls(`schedule_ids[]=${schedules.checkoutPrimary.id}&since=${hours(2)}&until=${hours(2)}`)).toEqual(
      [`1 ${people.priya.id}`],
    );
    const created = (await call('POST', '/incidents', { body: newIncident() })).json.incident;
    expect(created.assignments.map((one: { assignee: { id: string } }) => one.assignee.id)).toEqual([
      people.lena.id,
      people.dana.id,
    ]);
  });

  test('deleting cuts a running override (200), removes a future one (204) and refuses a past one', async () => {
    const path = `/schedules/${schedules.checkoutPrimary.id}/overrides`;
    const user = { id: people.sam.id, type: 'user_reference' };
    const body = {
      overrides: [
        { start: hours(-2), end: hours(1), user },
        { start: hours(5), end: hours(6), user },
      ],
    };
    const [running, future] = (await call('POST', path, { body })).json;
    expect((await call('DELETE', `${path}/${running.override.id}`)).status).toBe(200);
    expect((await call('DELETE', `${path}/${future.override.id}`)).status).toBe(204);
    expect((await call('DELETE', `${path}/${running.override.id}`)).status).toBe(400);
    const kept = (await call('GET', `${path}?since=${hours(-3)}&until=${hours(9)}`)).json.overrides;
    expect(kept.map(({ id }: { id: string }) => id)).toEqual([running.override.id]);
    expect(await onCalls(`schedule_ids[]=${schedules.checkoutPrimary.id}`)).toEqual([`1 ${people.priya.id}`]);
  });

  test('a shift-based schedule is refused on the old address and readable on the new one', async () => {
    const old = await call('GET', `/schedules/${schedules.warehouseShifts.id}`);
    expect([old.status, old.json.error.message]).toEqual([400, expect.stringContaining('shift-based schedule')]);
    const now = await call('GET', `/v3/schedules/${schedules.warehouseShifts.id}?include[]=final_schedule`);
    expect(now.json.schedule.final_schedule.computed_shift_assignments[0].member.user_id).toBe(people.aisha.id);
  });

  test('an escalation policy changes only where it is told to, and cannot go while it is used', async () => {
    const path = `/escalation_policies/${escalationPolicies.checkout.id}`;
    const before = (await call('GET', path)).json.escalation_policy;
    const changed = await call('PUT', path, { body: { escalation_policy: { name: 'Checkout' } } });
    expect(changed.json.escalation_policy).toEqual({ ...before, name: 'Checkout', summary: 'Checkout' });
    const user = { id: people.marco.id, type: 'user_reference' };
    const rules = [{ escalation_delay_in_minutes: 5, targets: [user] }];
    await call('PUT', path, { body: { escalation_policy: { escalation_rules: rules } } });
    expect(await onCalls(`escalation_policy_ids[]=${escalationPolicies.checkout.id}`)).toEqual([
      `1 ${people.marco.id}`,
    ]);
    expect((await call('DELETE', path)).status).toBe(400);
  });
});

describe('faults', () => {
  const resolve = () => put(incidents.checkout5xx.id, { status: 'resolved' });
  const applied = () => fake.ledger().length;
  const lost = () =>
    resolve().then(
      () => 'answered',
      () => 'lost',
    );

  test('a call dropped before is not applied, one dropped after is', async () => {
    fake.faults.add({ kind: 'drop_before' });
    expect([await lost(), applied()]).toEqual(['lost', 0]);
    fake.faults.add({ kind: 'drop_after' });
    expect([await lost(), applied()]).toEqual(['lost', 1]);
    expect(fake.requests().map(({ outcome }) => outcome)).toEqual(['not_applied', 'applied']);
  });

  test('a late call is lost at once and applied afterwards', async () => {
    const line = { deliver: () => {} };
    const until = new Promise<void>((resolve) => {
      line.deliver = resolve;
    });
    fake.faults.add({ kind: 'late_apply', until });
    expect([await lost(), applied(), fake.requests()[0]?.outcome]).toEqual(['lost', 0, 'pending']);
    line.deliver();
    await expect.poll(applied).toBe(1);
    expect((await incident(incidents.checkout5xx.id)).status).toBe('resolved');
  });

  test('rate limits come with and without headers, errors and refusals before and after', async () => {
    for (const kind of ['rate_limit_json', 'rate_limit_html', 'error_before', 'refuse', 'error_after'] as const) {
      fake.faults.add({ kind });
    }
    const answers = [await resolve(), await resolve(), await resolve(), await resolve()];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 500, 400]);
    expect(answers.map(({ headers }) => headers.has('ratelimit-reset'))).toEqual([true, false, true, true]);
    expect(answers[0]?.json.error.code).toBe(2020);
    expect(applied()).toBe(0);
    expect([(await resolve()).status, applied()]).toEqual([500, 1]);
  });

  test('garbage and slow answers come after applying', async () => {
    fake.faults.add({ kind: 'garbage' });
    const garbage = await resolve();
    expect([garbage.status, garbage.json, applied()]).toEqual([200, null, 1]);
    fake.faults.add({ kind: 'slow', delayMs: 50 });
    expect((await put(incidents.paymentWebhooks.id, { status: 'resolved' })).json.incident.status).toBe('resolved');
  });

  test('a stale read shows the state before the last write, as often as told', async () => {
    await resolve();
    fake.faults.add({ kind: 'stale_read', times: 2, match: { path: '/incidents/' } });
    const statuses = [];
    for (let time = 0; time < 3; time++) statuses.push((await incident(incidents.checkout5xx.id)).status);
    expect(statuses).toEqual(['triggered', 'triggered', 'resolved']);
  });

  test('a fault waits for the call it is meant for and leaves reads alone', async () => {
    fake.faults.add({ kind: 'refuse', match: { method: 'POST', path: '^/incidents/[^/]+/notes$' } });
    expect((await call('GET', `/incidents/${incidents.checkout5xx.id}/notes`)).status).toBe(200);
    expect((await resolve()).status).toBe(200);
    const note = { body: { note: { content: 'x' } } };
    expect((await call('POST', `/incidents/${incidents.checkout5xx.id}/notes`, note)).status).toBe(400);
    expect((await call('POST', `/incidents/${incidents.checkout5xx.id}/notes`, note)).status).toBe(200);
  });

  test('faults are added and cleared over HTTP, and a wrong one is explained', async () => {
    const wrong = await call('POST', '/_play/faults', { body: { kind: 'explode' } });
    expect(wrong.status).toBe(400);
    expect((await call('POST', '/_play/faults', { body: { kind: 'refuse', times: 3 } })).status).toBe(201);
    expect((await resolve()).status).toBe(400);
    await call('DELETE', '/_play/faults');
    expect((await resolve()).status).toBe(200);
  });
});

describe('the ledger, the page and the memory', () => {
  test('the ledger holds the applied writes with their exact bytes, the requests all of them', async () => {
    await put(incidents.checkout5xx.id, { status: 'resolved' });
    await put(incidents.checkout5xx.id, { status: 'resolved' });
    const ledger = (await call('GET', '/_play/ledger')).json;
    expect(ledger.count).toBe(1);
    expect(ledger.writes[0]).toMatchObject({
      method: 'PUT',
      path: `/incidents/${incidents.checkout5xx.id}`,
      bodyText: '{"incident":{"type":"incident_reference","status":"resolved"}}',
      from: people.marco.email,
      outcome: 'applied',
    });
    expect((await call('GET', '/_play/requests')).json.count).toBe(2);
  });

  test('a person on the website changes the world without appearing in the ledger', async () => {
    const body = {
      as: people.priya.email,
      method: 'PUT',
      path: `/incidents/${incidents.checkout5xx.id}`,
      body: { incident: { type: 'incident_reference', status: 'resolved' } },
    };
    expect((await call('POST', '/_play/human', { body })).status).toBe(200);
    const { json } = await call('GET', `/incidents/${incidents.checkout5xx.id}/log_entries`);
    expect(json.log_entries[0]).toMatchObject({ agent: { id: people.priya.id }, channel: { type: 'website' } });
    expect(fake.ledger()).toEqual([]);
  });

  test('the page shows what is there, escapes it, and starting over brings everything back', async () => {
    await put(incidents.checkout5xx.id, { title: '<script>alert(1)</script>\u202e' });
    const page = (await call('GET', '/')).text;
    expect(page).toContain('Payment webhooks fail signature check');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}');
    expect(page).not.toContain('<script>alert');
    await call('POST', '/_play/reset');
    expect((await incident(incidents.checkout5xx.id)).title).toBe('Checkout 5xx above 5 %');
    expect(fake.requests()).toEqual([]);
  });

  test('an empty account has its owner, its keys and nothing to lose', async () => {
    const empty = await startFakePagerDuty({ seed: 'empty' });
    const users = (await call('GET', '/users', { url: empty.url })).json.users;
    expect(users.map(({ id }: { id: string }) => id)).toEqual([people.ruth.id]);
    expect((await call('GET', '/incidents', { url: empty.url })).json.incidents).toEqual([]);
    await empty.close();
  });

  test('a process killed right after applying a write still knows it when it comes back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'playable-pagerduty-'));
    const main = fileURLToPath(new URL('../main.ts', import.meta.url));
    const start = async () => {
      const child = fork(main, {
        env: { ...process.env, PORT: '0', COUNTERSIGN_DATA: folder },
        execArgv: ['--import', 'tsx'],
        silent: true,
      });
      const [message] = await once(child, 'message');
      return { child, url: z.object({ ready: z.literal(true), url: z.string() }).parse(message).url };
    };
    const first = await start();
    await call('POST', '/_play/faults', { url: first.url, body: { kind: 'drop_after' } });
    await expect(put(incidents.checkout5xx.id, { status: 'resolved' }, { url: first.url })).rejects.toThrow();
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await start();
    expect((await call('GET', '/_play/ledger', { url: second.url })).json.count).toBe(1);
    const path = `/incidents/${incidents.checkout5xx.id}`;
    expect((await call('GET', path, { url: second.url })).json.incident.status).toBe('resolved');
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
    await rm(folder, { recursive: true });
  });
});
