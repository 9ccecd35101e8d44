import { beforeEach, describe, expect, test } from 'vitest';
import { incidents, oauthClients } from '../../fake/company.ts';
import { workflows } from '../../fake/workflows.ts';
import { createReadClient } from '../../read-client.ts';
import { stateOf, stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { rehearsals } from './rehearsal.ts';
import { startIncidentWorkflow as tool } from './start-incident-workflow.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (workflow: { id: string } = workflows.major, incident: { id: string } = incidents.checkout5xx) => ({
  workflow_id: workflow.id,
  instance_request: { incident_workflow_instance: { incident: { id: incident.id } } },
});

/** A token that may read incidents but no workflows. */
async function blind() {
  const response = await fetch(`${play.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: oauthClients.reader.clientId,
      client_secret: oauthClients.reader.clientSecret,
      scope: 'incidents.read oncalls.read',
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return createReadClient({ baseUrl: play.url, token });
}

beforeEach(() => play.reset());

describe('start_incident_workflow', () => {
  test('takes the official shape, also as JSON text, and refuses the rest', () => {
    const official = {
      workflow_id: 'PWMAJOR',
      instance_request: JSON.stringify({
        incident_workflow_instance: { id: null, incident: { id: 'Q1A', type: 'incident_reference', summary: 'S' } },
      }),
    };
    expect(tool.input.parse(official)).toStrictEqual({
      workflow_id: 'PWMAJOR',
      instance_request: { incident_workflow_instance: { incident: { id: 'Q1A' } } },
    });
    expect(refusals(tool, ask(workflows.major, { id: '4821' }))).toMatchInlineSnapshot(`
      [
        "instance_request.incident_workflow_instance.incident.id: The incident id "4821" is an incident number; get_incident tells the id that belongs to it, send that.",
      ]
    `);
    expect(refusals(tool, { workflow_id: 'PWMAJOR' })).toHaveLength(1);
    expect(refusals(tool, { ...ask(), steps: [] })).toEqual(['arguments: Unrecognized key: "steps"']);
  });

  test('shows every step with its inputs, secrets taken out', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Runs 5 steps, one after the other: Open the channel, Call the incident lead, Only for P1, Tell subscribers and Freeze deploys.",
            "Each step does what it is configured to do: it may page people, post messages and call other systems.",
            "Once started it cannot be stopped or taken back from here.",
            "Assigned to the incident now: Dana Whitfield and Priya Raman.",
          ],
        },
        "lines": [
          {
            "after": "Major incident: Gathers people and tells everybody.",
            "label": "Workflow",
            "now": null,
          },
          {
            "after": "#4821 Checkout 5xx above 5 % (triggered, high urgency, P1)",
            "label": "Runs on",
            "now": null,
          },
          {
            "after": "Open the channel: Creates a Slack channel (pagerduty.com:slack:create-a-channel:4)
      Channel Name = inc-{{incident.incident_number}}
      Visibility = Public",
            "label": "Step 1",
            "now": null,
          },
          {
            "after": "Call the incident lead: Adds responders (pagerduty.com:incident-workflows:add-responders:3)
      Message = A major incident needs a lead.
      Responders = escalation_policy:PETRACK",
            "label": "Step 2",
            "now": null,
          },
          {
            "after": "Only for P1: Runs steps if it holds (pagerduty.com:logic:incident-workflows-single-gate:2)
      Condition = incident.priority matches 'P1'",
            "label": "Step 3",
            "now": null,
          },
          {
            "after": "Tell subscribers: Posts a status update (pagerduty.com:incident-workflows:send-status-update:5)
      Message = We are on it. Next update in 30 minutes.",
            "label": "Step 3.1",
            "now": null,
          },
          {
            "after": "Freeze deploys: Calls a web address (pagerduty.com:incident-workflows:send-webhook-post:2)
      URL = https://deploys.northwind.example/freeze
      Headers = Authorization: [redacted]",
            "label": "Step 4",
            "now": null,
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "#4821 Checkout 5xx above 5 %",
        "title": "Start the workflow "Major incident" on incident #4821 "Checkout 5xx above 5 %"",
      }
    `);
    expect(JSON.stringify(before)).not.toContain('nwp_');
  });

  test('says that the effect is not known when the steps cannot be read', async () => {
    const input = tool.input.parse(ask());
    const before = await tool.read(await blind(), input);
    expect(tool.summarize(input, before)).toMatchObject({
      title: 'Start the workflow "PWMAJOR" on incident #4821 "Checkout 5xx above 5 %"',
      lines: expect.arrayContaining([{ label: 'Steps', now: null, after: 'could not be read' }]),
      effect: { known: false },
    });
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    const now = await tool.read(reads, input);
    expect(stillHolds(tool, input, before, now)).toMatchObject({ holds: false });
  });

  test('does not take an outage for steps that cannot be read', async () => {
    play.faults.add({ kind: 'error_before', match: { method: 'GET', path: '/incident_workflows' } });
    const once = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountRead, tries: 1 });
    await expect(tool.read(once, tool.input.parse(ask()))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('sends one POST with the id of the request', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "incident_workflow_instance": {
            "id": "req_0001",
            "incident": {
              "id": "Q1CHECKOUT5XX1",
              "type": "incident_reference",
            },
          },
        },
        "method": "POST",
        "path": "/incident_workflows/PWMAJOR/instances",
      }
    `);
  });

  test('is always critical, and touches the incident and its escalation policy', async () => {
    const { input, before } = await held(tool, ask(workflows.notifySupport));
    expect(tool.risk(input, before).level).toBe('critical');
    expect(tool.touches(input, before)).toEqual({
      subjects: [`incident:${incidents.checkout5xx.id}`],
      escalationPolicyIds: ['PECHKOT'],
    });
  });

  test('is refused when it is switched off or has no steps', async () => {
    const { input, before } = await held(tool, ask(workflows.oldBridge));
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: 'The workflow "Open the conference bridge" is switched off; it cannot be started.',
    });
    const empty = { ...before, workflow: { ...before.workflow, enabled: true, steps: [] } };
    expect(tool.admit(input, empty, binding)).toEqual({
      holds: false,
      because: 'The workflow "Open the conference bridge" has no steps; it would do nothing.',
    });
  });

  test.each([
    ['a step goes', 'The number of steps of the workflow "Major incident" was 5 when this was shown and is 4 now.'],
    ['an input changes', 'The input "Message" of step 2 of the workflow "Major incident" was'],
    ['an input comes', 'Step 1 of the workflow "Major incident" was'],
    ['a step is renamed', 'Step 1 of the workflow "Major incident" was'],
    ['it is renamed', 'The workflow PWMAJOR was "Major incident" when this was shown and is "Minor" now.'],
    [
      'it is switched off',
      'The workflow "Major incident" was switched on when this was shown and is switched off now.',
    ],
    ['the incident is resolved', 'Incident #4821 was "triggered" when this was shown and is "resolved" now.'],
  ])('goes stale when %s', async (what, because) => {
    const { input, before } = await held(tool, ask());
    play.change((state) => {
      const workflow = state.workflows.workflows.find(({ id }) => id === workflows.major.id);
      const incident = state.incidents.find(({ id }) => id === incidents.checkout5xx.id);
      const [first, second] = workflow?.steps ?? [];
      if (!workflow || !incident || !first || !second) throw new Error('The seed has changed.');
      if (what === 'a step goes') workflow.steps.pop();
      if (what === 'an input changes') second.inputs[0] = { name: 'Message', value: 'Everybody!' };
      if (what === 'an input comes') first.inputs.push({ name: 'Invite', value: '@everybody' });
      if (what === 'a step is renamed') first.name = 'Close the channel';
      if (what === 'it is renamed') workflow.name = 'Minor';
      if (what === 'it is switched off') workflow.enabled = false;
      if (what === 'the incident is resolved') incident.status = 'resolved';
    });
    const verdict = stillHolds(tool, input, before, await tool.read(reads, input));
    expect(verdict.holds ? '' : verdict.because).toContain(because);
  });

  test.each([
    ['a secret is swapped', 'The input "Headers" of step 4 of the workflow "Major incident"'],
    ['a long step name changes at its end', 'Step 1 of the workflow "Major incident"'],
    ['its long name changes at its end', 'The workflow PWMAJOR'],
  ])('goes stale when %s, although that is not shown', async (what, subject) => {
    const long = 'x'.repeat(200);
    const change = (end: string) =>
      play.change((state) => {
        const workflow = state.workflows.workflows.find(({ id }) => id === workflows.major.id);
        const headers = workflow?.steps.at(-1)?.inputs.find(({ name }) => name === 'Headers');
        const [first] = workflow?.steps ?? [];
        if (!workflow || !first || !headers) throw new Error('The seed has changed.');
        if (what === 'a secret is swapped') headers.value = `Authorization: Bearer nwp_${end}`;
        if (what === 'a long step name changes at its end') first.name = long + end;
        if (what === 'its long name changes at its end') workflow.name = long + end;
      });
    change('1234567890');
    const { input, before } = await held(tool, ask());
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    change('0987654321');
    const now = await tool.read(reads, input);
    const verdict = stillHolds(tool, input, before, now);
    expect(tool.summarize(input, before).lines).toEqual(tool.summarize(input, now).lines);
    expect(verdict).toEqual({ holds: false, because: `${subject} was changed in a part that is not shown.` });
    expect(stateOf(tool, input, before)).not.toEqual(stateOf(tool, input, now));
    expect(JSON.stringify(before)).not.toContain('nwp_');
  });

  test('is refused on an incident that is resolved', async () => {
    play.change((state) => {
      for (const one of state.incidents) if (one.id === incidents.checkout5xx.id) one.status = 'resolved';
    });
    const { input, before } = await held(tool, ask());
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: 'Incident #4821 is resolved; workflows are started on open incidents only.',
    });
  });

  test('starts one run, marked with the id of the request, and tells its id', async () => {
    const { input } = await held(tool, ask());
    const outcome = await sent(tool, input);
    const [run] = play.state().workflows.instances;
    expect(run).toMatchObject({ givenId: binding.requestId, incidentId: incidents.checkout5xx.id });
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { instance_id: run?.id },
      secrets: [],
    });
    expect(play.ledger()).toHaveLength(1);
  });

  test.each([
    [null],
    [{ incident_workflow_instance: {} }],
    [{ incident_workflow_instance: { id: 'PRUN', incident: { id: 'Q1OTHER' } } }],
  ])('does not take %j for its run', (body) => {
    expect(() => tool.interpret(tool.input.parse(ask()), body)).toThrow();
  });

  test('leaves it to a human whether a lost call was applied', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "PagerDuty does not tell which workflows were started. The timeline shows nothing about workflows, which proves nothing. A human must look at the incident and at what the steps would have done.",
      }
    `);
    await sent(tool, input);
    expect((await evidence(tool, input)).applied).toBeNull();
    play.change((state) => {
      const [entry] = state.logEntries;
      if (!entry) throw new Error('The seed has changed.');
      const seen = { incidentId: incidents.checkout5xx.id, createdAt: '2026-11-23T14:05:01Z' };
      state.logEntries.push({ ...entry, ...seen, id: 'QWORKFLOW', type: 'workflow_log_entry' });
    });
    expect(await evidence(tool, input)).toMatchObject({
      applied: null,
      because: expect.stringContaining('1 new entry about workflows, perhaps of other runs'),
    });
  });

  test('cannot be undone and is never replaced by a newer ask', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.undo(input, before, { instance_id: 'PRUN' })).toMatchInlineSnapshot(`
      {
        "because": "A started workflow cannot be stopped; take back by hand what its steps have done.",
        "possible": false,
      }
    `);
    expect(tool.supersedes(input)).toBeNull();
  });

  test('has a rehearsed drift that makes its example stale', async () => {
    const { input, before } = await held(tool, tool.example);
    rehearsals.start_incident_workflow?.drift(play);
    expect(stillHolds(tool, input, before, await tool.read(reads, input)).holds).toBe(false);
  });
});
