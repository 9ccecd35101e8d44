import { beforeEach, describe, expect, test } from 'vitest';
import { escalationPolicies, people, services, teams } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { updateService as tool } from './update-service.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (service: object, id: string = services.checkout.id) => ({ service_id: id, service_data: { service } });
const toTracking = { escalation_policy: { id: escalationPolicies.tracking.id } };
const byHand = (service: object, id: string = services.checkout.id) =>
  play.human({
    as: people.sam.email,
    method: 'PUT',
    path: `/services/${id}`,
    body: { service: { type: 'service', ...service } },
  });

beforeEach(() => play.reset());

describe('update_service', () => {
  test('refuses empty changes, derived states, another service and unknown names', () => {
    expect(refusals(tool, ask({ name: null, teams: null, status: null }))).toMatchInlineSnapshot(`
      [
        "service_data.service: Nothing to change.",
      ]
    `);
    expect(refusals(tool, ask({ status: 'critical' }))).toMatchInlineSnapshot(`
      [
        "service_data.service.status: Invalid option: expected one of "active"|"disabled"",
      ]
    `);
    expect(refusals(tool, ask({ id: 'POTHER1', name: 'Shop' }))).toMatchInlineSnapshot(`
      [
        "service_data.service.id: This is another service than service_id.",
      ]
    `);
    expect(refusals(tool, ask({ auto_resolve_timeout: 60 }))).toMatchInlineSnapshot(`
      [
        "service_data.service: Unrecognized key: "auto_resolve_timeout"",
        "service_data.service: Nothing to change.",
      ]
    `);
    const official = ask({ id: services.checkout.id, name: 'Shop', description: null, teams: null, ...toTracking });
    expect(refusals(tool, official)).toEqual([]);
  });

  test('shows who starts and stops being paged when the escalation policy changes', async () => {
    const { input, before } = await held(tool, ask({ ...toTracking, name: 'Checkout' }, services.payments.id));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Paged for new incidents now: Dana Whitfield and Priya Raman (level 1), Marco Bellini (level 2) and 8 people on later levels.",
            "Paged for new incidents after: Kenji Sato (level 1), Tomáš Novák (level 2) and 8 people on later levels.",
            "Starts being paged, or earlier than now: Kenji Sato and Tomáš Novák.",
            "Stops being paged, or later than now: Dana Whitfield, Priya Raman and Marco Bellini.",
            "Open on it now: 1 incident; what is open goes on as it began.",
            "Depending on it: 1 business service and 1 technical service.",
            "It has 2 integrations.",
          ],
        },
        "lines": [
          {
            "after": "Checkout",
            "label": "Name",
            "now": "Payments Gateway",
          },
          {
            "after": "Tracking and Messaging",
            "label": "Escalation policy",
            "now": "Checkout and Payments",
          },
        ],
        "services": [
          "Payments Gateway",
        ],
        "target": "Payments Gateway",
        "title": "Change the service "Payments Gateway"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "Changes who is paged for a live service.",
          "Renames a live service.",
        ],
      }
    `);
    expect(tool.summarize(input, { ...before, onCall: null }).effect.known).toBe(false);
  });

  test('shows that nobody is paged for a disabled service, and who is again for an enabled one', async () => {
    const off = await held(tool, ask({ status: 'disabled' }, services.tracking.id));
    expect(tool.summarize(off.input, off.before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Paged for new incidents now: Kenji Sato (level 1), Tomáš Novák (level 2) and 8 people on later levels.",
            "Paged for new incidents after: nobody, it is disabled.",
            "Starts being paged, or earlier than now: nobody.",
            "Stops being paged, or later than now: Kenji Sato, Tomáš Novák, Aisha Rahmani, Dana Whitfield, Marco Bellini, Priya Raman, Ruth Adeyemi and Sam Okafor.",
            "Open on it now: 1 incident; what is open goes on as it began.",
            "Depending on it: 1 business service and 1 technical service.",
            "It has 2 integrations.",
          ],
        },
        "lines": [
          {
            "after": "disabled",
            "label": "Status",
            "now": "enabled",
          },
        ],
        "services": [
          "Parcel Tracking",
        ],
        "target": "Parcel Tracking",
        "title": "Change the service "Parcel Tracking" to disabled",
      }
    `);
    expect(tool.risk(off.input, off.before).level).toBe('critical');
    byHand({ status: 'disabled' });
    const on = await held(tool, ask({ status: 'active' }));
    expect(tool.summarize(on.input, on.before).title).toBe('Change the service "Checkout API" to enabled');
    expect(tool.summarize(on.input, on.before).effect.lines.slice(0, 4)).toMatchInlineSnapshot(`
      [
        "Paged for new incidents now: nobody, it is disabled.",
        "Paged for new incidents after: Dana Whitfield and Priya Raman (level 1), Marco Bellini (level 2) and 8 people on later levels.",
        "Starts being paged, or earlier than now: Dana Whitfield, Priya Raman, Marco Bellini, Aisha Rahmani, Kenji Sato, Ruth Adeyemi, Sam Okafor and Tomáš Novák.",
        "Stops being paged, or later than now: nobody.",
      ]
    `);
    expect(tool.risk(on.input, on.before).level).toBe('high');
    // Nobody is paged through either policy while it stays disabled.
    const moved = await held(tool, ask(toTracking));
    expect(tool.summarize(moved.input, moved.before).effect.lines[1]).toBe(
      'Paged for new incidents after: nobody, it is disabled.',
    );
  });

  test('weighs a description as low, a new name as high, and what PagerDuty cannot tell as unknown', async () => {
    const words = await held(tool, ask({ description: '', escalation_policy: { id: escalationPolicies.checkout.id } }));
    expect(tool.risk(words.input, words.before)).toEqual({ level: 'low', reasons: ['Describes the service.'] });
    const { lines } = tool.summarize(words.input, words.before);
    expect(lines[0]).toEqual({ label: 'Description', now: 'Basket, prices and orders.', after: '(empty)' });
    const link = await held(tool, ask({ description: 'See https://northwind.example/runbook' }));
    expect(tool.risk(link.input, link.before).level).toBe('medium');
    const { input, before } = await held(tool, ask({ name: 'Shop' }));
    expect(tool.risk(input, before)).toEqual({ level: 'high', reasons: ['Renames a live service.'] });
    const { effect } = tool.summarize(input, { ...before, openIncidents: null, dependents: null });
    expect(effect).toMatchInlineSnapshot(`
      {
        "known": true,
        "lines": [
          "Nobody starts or stops being paged.",
          "How many incidents are open on it is not known.",
          "Depending on it: not known.",
          "It has 2 integrations.",
        ],
      }
    `);
  });

  test('sends one PUT with only the fields that were asked for, and never the team', () => {
    const call = (service: object) => tool.call(tool.input.parse(ask(service)), binding, unread);
    expect(
      call({ ...toTracking, description: '', teams: [{ id: teams.logistics.id }], id: services.checkout.id }),
    ).toMatchInlineSnapshot(`
      {
        "body": {
          "service": {
            "description": "",
            "escalation_policy": {
              "id": "PETRACK",
              "type": "escalation_policy_reference",
            },
            "type": "service",
          },
        },
        "method": "PUT",
        "path": "/services/PSCHKOT",
      }
    `);
    expect(call({ name: 'Shop', status: 'disabled' }).body).toMatchInlineSnapshot(`
      {
        "service": {
          "name": "Shop",
          "status": "disabled",
          "type": "service",
        },
      }
    `);
  });

  test('is refused when nothing would change, or for a team that its policy does not have', async () => {
    const verdict = async (service: object) => {
      const { input, before } = await held(tool, ask(service));
      return tool.admit(input, before, binding);
    };
    // An enabled service may be shown as critical; it is active all the same.
    expect(await verdict({ name: services.checkout.name, status: 'active' })).toEqual({
      holds: false,
      because: 'The service "Checkout API" is like that already.',
    });
    expect(await verdict({ name: 'Shop', teams: [{ id: teams.data.id }] })).toEqual({
      holds: false,
      because: 'The service takes its team from its escalation policy, which has "Commerce"; it cannot be set here.',
    });
    expect(await verdict({ name: 'Shop', teams: [{ id: teams.commerce.id }] })).toEqual({ holds: true });
    expect(await verdict({ ...toTracking, teams: [{ id: teams.logistics.id }] })).toEqual({ holds: true });
    await expect(verdict({ escalation_policy: { id: 'PENOONE' } })).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('names what somebody else has changed, in the service or in its new policy, and ignores new incidents', async () => {
    const { input, before } = await held(tool, ask(toTracking));
    const verdict = async () => stillHolds(tool, input, before, await tool.read(reads, input));
    play.change((state) => {
      for (const incident of state.incidents) incident.status = 'resolved';
    });
    expect(await verdict()).toEqual({ holds: true });
    byHand({ acknowledgement_timeout: 600 });
    expect(await verdict()).toEqual({
      holds: false,
      because:
        'The setting "acknowledgement_timeout" of the service "Checkout API" was 1800 when this was shown and is 600 now.',
    });
    byHand({ acknowledgement_timeout: 1800, status: 'disabled' });
    expect(await verdict()).toEqual({
      holds: false,
      because: 'The service "Checkout API" was enabled when this was shown and is disabled now.',
    });
    byHand({ status: 'active' });
    play.change((state) => {
      for (const policy of state.escalationPolicies) policy.rules = policy.rules.slice(0, 2);
    });
    expect(await verdict()).toMatchObject({
      holds: false,
      because: expect.stringContaining('The order of levels of the escalation policy "Tracking and Messaging"'),
    });
  });

  test('is recognised by its values when the answer was lost', async () => {
    const { input } = await held(tool, ask({ ...toTracking, description: 'New.' }));
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toEqual({
      applied: true,
      because: 'The service has every value that was asked for.',
      result: null,
    });
    expect((await evidence(tool, tool.input.parse(ask({ ...toTracking, name: 'Shop' })))).applied).toBeNull();
  });

  test('was not applied when the audit trail shows no change; otherwise a human must look', async () => {
    const { input } = await held(tool, ask({ name: 'Shop' }));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The service has none of the values that were asked for. The audit trail shows no change since it was to be sent.",
      }
    `);
    byHand({ description: 'Changed meanwhile.' });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('says whole what it is now, and what it does not have', async () => {
    const { input, before } = await held(tool, ask({ ...toTracking, name: 'Shop', description: 'New.' }));
    const exactName = `Checkout API ${'and more '.repeat(20)}`;
    const bare = { ...before, service: { ...before.service, exactName, description: null, policy: null } };
    expect(tool.summarize(input, bare).lines.map(({ now }) => now)).toEqual([exactName, '(empty)', 'none']);
    expect(tool.undo(input, bare, null)).toMatchObject({
      input: { service_data: { service: { name: exactName, description: '' } } },
      complete: false,
      note: expect.stringContaining('stays: escalation policy.'),
    });
  });

  test('is undone by putting exactly the changed fields back', async () => {
    const { input, before } = await held(
      tool,
      ask({ ...toTracking, name: 'Shop', description: 'New.', status: 'disabled' }),
    );
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "service_data": {
            "service": {
              "description": "Basket, prices and orders.",
              "escalation_policy": {
                "id": "PECHKOT",
              },
              "name": "Checkout API",
              "status": "active",
            },
          },
          "service_id": "PSCHKOT",
        },
        "note": "Puts the former values back; incidents that opened meanwhile keep whom they paged.",
        "possible": true,
        "tool": "update_service",
      }
    `);
    await sent(tool, input);
    if (!undo.possible) throw new Error(undo.because);
    expect((await sent(tool, tool.input.parse(undo.input))).kind).toBe('applied');
    expect((await tool.read(reads, input)).service).toEqual(before.service);
    const { input: rename, before: seen } = await held(tool, ask({ name: 'Shop' }));
    expect(tool.undo(rename, seen, null)).toMatchObject({
      input: { service_id: services.checkout.id, service_data: { service: { name: 'Checkout API' } } },
    });
  });

  test('touches the service and lets the people of its present policy review', async () => {
    const { input, before } = await held(tool, ask({ ...toTracking, name: 'Shop' }));
    expect(tool.touches(input, before)).toEqual({ subjects: ['service:PSCHKOT'], escalationPolicyIds: ['PECHKOT'] });
    expect(tool.supersedes(input)).toBe('update_service escalation_policy+name PSCHKOT');
  });

  test('takes only an answer with its own service', async () => {
    const { input } = await held(tool, ask({ description: 'New.' }));
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { service_id: 'PSCHKOT' },
      secrets: [],
    });
    const others: Json[] = [null, { message: 'blocked' }, { service: { id: 'POTHER1' } }];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });

  test('is refused by PagerDuty when another service has the name', async () => {
    const outcome = await sent(tool, tool.input.parse(ask({ name: services.payments.name })));
    expect(outcome).toMatchObject({ kind: 'rejected', because: expect.stringContaining('already been taken') });
  });
});
