import { beforeEach, describe, expect, test } from 'vitest';
import { incidents, people } from '../../fake/company.ts';
import { stage } from '../testing/stage.ts';
import { manageIncidents as tool } from './manage-incidents.ts';

const { play, held, sent, attempt, evidence } = await stage();
const { checkout5xx, paymentWebhooks } = incidents;
const ask = (change: object, ...ids: string[]) => ({
  manage_request: { incident_ids: ids.length > 0 ? ids : [checkout5xx.id], ...change },
});

beforeEach(() => play.reset());

describe('reading back manage_incidents', () => {
  const applied = async (change: object, ...ids: string[]) =>
    (await evidence(tool, tool.input.parse(ask(change, ...ids)))).applied;

  test.each([
    { status: 'resolved' },
    { status: 'acknowledged' },
    { urgency: 'low' },
    { escalation_level: 2 },
    { assignment: { id: 'PULENA1' } },
  ])('proves %o from the timeline, and its absence too', async (change) => {
    expect(await applied(change, checkout5xx.id, paymentWebhooks.id)).toBe(false);
    const { input } = await held(tool, ask(change, checkout5xx.id, paymentWebhooks.id));
    const outcome = await sent(tool, input);
    expect(outcome.kind).toBe('applied');
    expect(await applied(change, checkout5xx.id, paymentWebhooks.id)).toBe(true);
  });

  test('proves a write whose answer was lost', async () => {
    play.faults.add({ kind: 'drop_after' });
    const { input } = await held(tool, ask({ status: 'resolved' }));
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await applied({ status: 'resolved' })).toBe(true);
  });

  test('cannot tell when somebody else made the incident so', async () => {
    const path = `/incidents/${checkout5xx.id}`;
    play.human({
      as: people.priya.email,
      method: 'PUT',
      path,
      body: { incident: { type: 'incident', status: 'resolved' } },
    });
    expect(await applied({ status: 'resolved' })).toBeNull();
  });

  test('cannot tell when the same person made it so by hand after the call was given up', async () => {
    play.human({
      as: people.marco.email,
      method: 'PUT',
      path: `/incidents/${checkout5xx.id}`,
      body: { incident: { type: 'incident', status: 'acknowledged' } },
    });
    const input = tool.input.parse(ask({ status: 'acknowledged' }));
    const started = attempt.claimedAt.getTime() - 60_000;
    const earlier = { ...attempt, claimedAt: new Date(started), lostAt: new Date(started + 1000) };
    expect((await evidence(tool, input, earlier)).applied).toBeNull();
  });

  test('takes no act of the same person from before the claim', async () => {
    const path = `/incidents/${checkout5xx.id}`;
    play.human({
      as: people.marco.email,
      method: 'PUT',
      path,
      body: { incident: { type: 'incident', urgency: 'low' } },
    });
    const input = tool.input.parse(ask({ urgency: 'low' }));
    const later = { ...attempt, claimedAt: new Date(attempt.claimedAt.getTime() + 60_000) };
    expect((await evidence(tool, input, later)).applied).toBeNull();
  });

  test('cannot tell when the clocks are up to 15 minutes apart, either way', async () => {
    const { input } = await held(tool, ask({ status: 'acknowledged' }));
    await sent(tool, input);
    play.change((state) => {
      for (const incident of state.incidents) if (incident.id === checkout5xx.id) incident.status = 'triggered';
    });
    const applied = async (minutes: number) => {
      const moved = new Date(attempt.claimedAt.getTime() + minutes * 60_000);
      const facts = { ...attempt, claimedAt: moved, lostAt: moved };
      return (await evidence(tool, input, facts)).applied;
    };
    expect(await applied(14)).toBeNull();
    expect(await applied(-60)).toBeNull();
    expect(await applied(16)).toBe(false);
  });

  const answered = (rest: object, id: string = checkout5xx.id) => ({
    incidents: [{ id, status: 'acknowledged', urgency: 'low', assignments: [], ...rest }],
  });
  test.each([
    [{ status: 'acknowledged' }, null],
    [{ status: 'acknowledged' }, { message: 'blocked' }],
    [{ status: 'acknowledged' }, { incidents: [] }],
    [{ status: 'acknowledged' }, answered({}, 'Q1ANOTHER00001')],
    [{ status: 'acknowledged' }, answered({ status: 'triggered' })],
    [{ urgency: 'low' }, answered({ urgency: 'high' })],
    [{ assignment: { id: 'PULENA1' } }, answered({ assignments: [{ assignee: { id: 'PUMARCO' } }] })],
  ])('does not take for %j the answer %j', (change, body) => {
    expect(() => tool.interpret(tool.input.parse(ask(change)), body)).toThrow();
  });

  test('takes an answer that does not show urgency or assignees', () => {
    const bare = answered({ urgency: null, assignments: null });
    expect(tool.interpret(tool.input.parse(ask({ urgency: 'low' })), bare).applied).toBe(true);
    expect(tool.interpret(tool.input.parse(ask({ assignment: { id: 'PULENA1' } })), bare).applied).toBe(true);
    expect(() => tool.interpret(tool.input.parse(ask({ urgency: 'low' }, checkout5xx.id, 'PB')), bare)).toThrow();
  });

  test('tells the agent what became of the incidents', async () => {
    const { input } = await held(tool, ask({ status: 'acknowledged' }));
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toMatchInlineSnapshot(`
      {
        "applied": true,
        "result": {
          "incidents": [
            {
              "id": "Q1CHECKOUT5XX1",
              "number": 4821,
              "status": "acknowledged",
              "title": "Checkout 5xx above 5 %",
              "urgency": "high",
            },
          ],
        },
        "secrets": [],
      }
    `);
  });
});
