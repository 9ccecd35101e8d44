import { beforeEach, describe, expect, test } from 'vitest';
import { people, services } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { createIncident as tool } from './create-incident.ts';
import { manageIncidents } from './manage-incidents.ts';

const { play, reads, held, sent, binding, attempt, evidence } = await stage();
const ask = (rest: object = {}) => ({
  incident: { title: 'Card payments fail', service: { id: services.payments.id }, ...rest },
});

beforeEach(() => play.reset());

describe('create_incident', () => {
  test('takes the official shape and refuses the rest by name', () => {
    expect(
      tool.input.parse({
        incident: JSON.stringify({
          type: 'incident',
          title: 'T',
          service: { id: 'PSA', type: 'service_reference', summary: 'A' },
          urgency: null,
          body: null,
          assignments: null,
        }),
      }),
    ).toStrictEqual({ incident: { title: 'T', service: { id: 'PSA' }, urgency: 'high' } });
    expect(refusals(tool, ask({ title: ' ' }))).toMatchInlineSnapshot(`
      [
        "incident.title: Must not be blank.",
      ]
    `);
    expect(refusals(tool, ask({ service: { id: 'null' } }))).toMatchInlineSnapshot(`
      [
        "incident.service.id: The service id is blank ("null"); give the id itself, like PABC123.",
      ]
    `);
    expect(refusals(tool, ask({ incident_key: 'mine', priority: 'P1' }))).toMatchInlineSnapshot(`
      [
        "incident: Unrecognized keys: "incident_key", "priority"",
      ]
    `);
    expect(refusals(tool, ask({ urgency: 'severe' }))).toMatchInlineSnapshot(`
      [
        "incident.urgency: Invalid option: expected one of "high"|"low"",
      ]
    `);
  });

  test('says who is paged, level by level, and what is open already', async () => {
    const { input, before } = await held(tool, ask({ body: { details: 'Only in Austria.\nSince 13:50.' } }));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Paged level by level until somebody acknowledges: Dana Whitfield and Priya Raman (level 1), Marco Bellini (level 2) and 8 people on later levels.",
            "Already open on this service: #4822 Payment webhooks fail signature check (triggered).",
          ],
        },
        "lines": [
          {
            "after": "Card payments fail",
            "label": "Title",
            "now": null,
          },
          {
            "after": "Payments Gateway",
            "label": "Service",
            "now": null,
          },
          {
            "after": "high",
            "label": "Urgency",
            "now": null,
          },
          {
            "after": "Only in Austria.
      Since 13:50.",
            "label": "Details",
            "now": null,
          },
        ],
        "services": [
          "Payments Gateway",
        ],
        "target": "Payments Gateway",
        "title": "Create a high-urgency incident on Payments Gateway",
      }
    `);
  });

  test('says that named people are paged directly', async () => {
    const { input, before } = await held(
      tool,
      ask({ urgency: 'low', assignments: [{ assignee: { id: people.lena.id } }] }),
    );
    expect(tool.summarize(input, before)).toMatchObject({
      title: 'Create a low-urgency incident on Payments Gateway',
      lines: expect.arrayContaining([{ label: 'Assigned to', now: null, after: 'Lena Fischer' }]),
      effect: {
        known: true,
        lines: expect.arrayContaining([
          'Paged now: Lena Fischer, directly, by their low-urgency rules; it does not escalate.',
        ]),
      },
    });
  });

  test('sends one POST with the key of the request', () => {
    const full = ask({ body: { details: 'D' }, assignments: [{ assignee: { id: people.lena.id } }] });
    expect(tool.call(tool.input.parse(full), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "incident": {
            "assignments": [
              {
                "assignee": {
                  "id": "PULENA1",
                  "type": "user_reference",
                },
              },
            ],
            "body": {
              "details": "D",
              "type": "incident_body",
            },
            "incident_key": "countersign:req_0001",
            "service": {
              "id": "PSPAYMT",
              "type": "service_reference",
            },
            "title": "Card payments fail",
            "type": "incident",
            "urgency": "high",
          },
        },
        "method": "POST",
        "path": "/incidents",
      }
    `);
  });

  test('weighs a page as high, a quiet incident as medium, a direct page as high', async () => {
    const level = async (rest: object) => {
      const { input, before } = await held(tool, ask(rest));
      return tool.risk(input, before).level;
    };
    expect(await level({})).toBe('high');
    expect(await level({ urgency: 'low' })).toBe('medium');
    expect(await level({ urgency: 'low', assignments: [{ assignee: { id: people.lena.id } }] })).toBe('high');
  });

  test('is refused on a disabled service and drifts with the service', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    play.change((state) => {
      for (const service of state.services) if (service.id === services.payments.id) service.status = 'disabled';
    });
    const now = await tool.read(reads, input);
    expect(tool.admit(input, now, binding)).toEqual({
      holds: false,
      because: 'The service "Payments Gateway" is disabled; it takes no incidents.',
    });
    expect(stillHolds(tool, input, before, now)).toEqual({
      holds: false,
      because: expect.stringMatching(
        /^The service "Payments Gateway" was ".*" when this was shown and is "disabled" now\.$/,
      ),
    });
  });

  test('is recognised by its key, open or resolved, even when the answer was lost', async () => {
    const { input } = await held(tool, ask());
    expect((await evidence(tool, input)).applied).toBe(false);
    play.faults.add({ kind: 'error_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { incident: { number: 4823 } } });
    play.change((state) => {
      for (const incident of state.incidents) if (incident.title === 'Card payments fail') incident.status = 'resolved';
    });
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { incident: { status: 'resolved' } } });
    expect(tool.verify(input, { found: [{ key: null, incident: {} }] }, attempt).applied).toBeNull();
  });

  test('tells the same of the incident by its answer and by reading it back', async () => {
    const { input } = await held(tool, ask());
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    const found = await evidence(tool, input);
    expect(found).toMatchObject({ applied: true, result: answer.applied && answer.result });
  });

  test('cannot be opened twice by repeating the same call', async () => {
    const { input } = await held(tool, ask());
    expect((await sent(tool, input)).kind).toBe('applied');
    expect(await sent(tool, input)).toMatchObject({ kind: 'rejected', httpStatus: 400 });
    expect(play.ledger()).toHaveLength(1);
  });

  test.each([
    [null],
    [{ message: 'blocked' }],
    [{ incident: { status: 'triggered' } }],
    [{ incident: { id: 'Q1OTHER', status: 'triggered', incident_key: 'somebody-else' } }],
  ])('does not take %j for its incident', (body) => {
    expect(() => tool.interpret(tool.input.parse(ask()), body)).toThrow();
  });

  test('tells the agent the number, and is undone by resolving what it opened', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "complete": false,
        "input": null,
        "note": "Resolves the new incident; pages already sent stay sent.",
        "possible": true,
        "tool": "manage_incidents",
      }
    `);
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    expect(answer).toMatchObject({ applied: true, result: { incident: { number: 4823, status: 'triggered' } } });
    const undo = tool.undo(input, before, answer.applied ? answer.result : null);
    if (!undo.possible) throw new Error(undo.because);
    const back = await held(manageIncidents, undo.input);
    expect((await sent(manageIncidents, back.input)).kind).toBe('applied');
    expect(play.state().incidents.find(({ number }) => number === 4823)?.status).toBe('resolved');
  });

  test('locks the service, and is never replaced by a newer ask', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.touches(input, before)).toEqual({
      subjects: [`service:${services.payments.id}`],
      escalationPolicyIds: ['PECHKOT'],
    });
    expect(tool.supersedes(input)).toBeNull();
  });
});
