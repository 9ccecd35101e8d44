import { beforeEach, describe, expect, test } from 'vitest';
import { incidents, people } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { addNoteToIncident as tool } from './add-note-to-incident.ts';

const { play, reads, held, sent, binding, attempt, evidence } = await stage();
const { checkout5xx, certificate } = incidents;
const ask = (note: string, id: string = checkout5xx.id) => ({ incident_id: id, note });

beforeEach(() => play.reset());

describe('add_note_to_incident', () => {
  test('refuses blank, endless and broken texts and anything but an id', () => {
    expect(refusals(tool, ask(' \u200b'))).toMatchInlineSnapshot(`
      [
        "note: Must not be blank.",
      ]
    `);
    expect(refusals(tool, ask('x'.repeat(2_001)))).toMatchInlineSnapshot(`
      [
        "note: Too big: expected string to have <=2000 characters",
      ]
    `);
    expect(refusals(tool, ask('\ud800'))).toMatchInlineSnapshot(`
      [
        "note: Contains half of a character (a lone surrogate).",
      ]
    `);
    expect(refusals(tool, ask('fine', '#4821'))).toMatchInlineSnapshot(`
      [
        "incident_id: The incident id "#4821" is an incident number; get_incident tells the id that belongs to it, send that.",
      ]
    `);
    expect(refusals(tool, { ...ask('fine'), author: 'me' })).toMatchInlineSnapshot(`
      [
        "arguments: Unrecognized key: "author"",
      ]
    `);
  });

  test('shows the whole note, with hidden characters as text', async () => {
    const { input, before } = await held(tool, ask('Rolled back.\nLooks good\u200b now.'));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Pages nobody. Everybody who can see the incident can read it, and integrations may pass it on.",
            "A mark with the id of this request is appended, so that the note can be recognised.",
          ],
        },
        "lines": [
          {
            "after": "Rolled back.
      Looks good\\u{200b} now.",
            "label": "Note",
            "now": null,
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "#4821 Checkout 5xx above 5 %",
        "title": "Add a note to incident #4821 "Checkout 5xx above 5 %"",
      }
    `);
  });

  test('sends one note that ends with the mark of the request', () => {
    expect(tool.call(tool.input.parse(ask('Rolled back.')), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "note": {
            "content": "Rolled back. [countersign:req_0001]",
          },
        },
        "method": "POST",
        "path": "/incidents/Q1CHECKOUT5XX1/notes",
      }
    `);
  });

  test('is held for resolved incidents too', async () => {
    const { input, before } = await held(tool, ask('Post-mortem follows.', certificate.id));
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
  });

  test.each([
    ['Rolled back.', 'low'],
    ['See https://example.com/graph', 'medium'],
    ['The password: hunter2222 works', 'medium'],
    ['AKIAABCDEFGHIJKLMNOP', 'medium'],
  ])('weighs %j as %s', async (note, level) => {
    const { input, before } = await held(tool, ask(note));
    expect(tool.risk(input, before).level).toBe(level);
  });

  test('does not mind a change of status, but minds another service', async () => {
    const { input, before } = await held(tool, ask('Rolled back.'));
    const path = `/incidents/${checkout5xx.id}`;
    const human = (incident: object) =>
      play.human({
        as: people.priya.email,
        method: 'PUT',
        path,
        body: { incident: { type: 'incident', ...incident } },
      });
    human({ status: 'resolved' });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    play.change((state) => {
      for (const incident of state.incidents) if (incident.id === checkout5xx.id) incident.serviceId = 'PSPAYMT';
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({
      holds: false,
      because: 'The service of incident #4821 was "Checkout API" when this was shown and is "Payments Gateway" now.',
    });
  });

  test('is recognised by its mark, even when the answer was lost', async () => {
    const { input } = await held(tool, ask('Rolled back.'));
    expect((await evidence(tool, input)).applied).toBe(false);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect((await evidence(tool, input)).applied).toBe(true);
    expect(play.ledger()).toHaveLength(1);
  });

  test('is not recognised by somebody who quotes the mark', async () => {
    const { input } = await held(tool, ask(`They wrote [countersign:${binding.requestId}] before.`));
    const other = { ...binding, requestId: 'req_0002' };
    const { method, path, body } = tool.call(input, other, unread);
    play.human({ as: people.marco.email, method, path, body });
    expect((await evidence(tool, input)).applied).toBe(false);
  });

  describe('whose note is gone', () => {
    const path = `/incidents/${checkout5xx.id}/notes`;
    const write = (content: string) =>
      play.human({ as: people.marco.email, method: 'POST', path, body: { note: { content } } });
    const applied = async (facts = attempt) =>
      (await evidence(tool, tool.input.parse(ask('Rolled back.')), facts)).applied;
    const removeNotes = () =>
      play.change((state) => {
        state.notes = [];
      });
    const minutesLater = (minutes: number) => {
      const moved = new Date(attempt.claimedAt.getTime() + minutes * 60_000);
      return { ...attempt, claimedAt: moved, lostAt: moved };
    };

    test('is left to a human when it may have been deleted or edited', async () => {
      await sent(tool, tool.input.parse(ask('Rolled back.')));
      removeNotes();
      expect(await applied()).toBeNull();
    });

    test('is left to a human when the clocks are up to 15 minutes apart, either way', async () => {
      await sent(tool, tool.input.parse(ask('Rolled back.')));
      removeNotes();
      expect(await applied(minutesLater(14))).toBeNull();
      expect(await applied(minutesLater(-60))).toBeNull();
      expect(await applied(minutesLater(16))).toBe(false);
    });

    test('was never there when the timeline has only notes of other requests', async () => {
      write('Other work. [countersign:req_0002]');
      expect(await applied()).toBe(false);
      write('By hand, or our note with its mark cut off.');
      expect(await applied()).toBeNull();
    });

    test('is left to a human when a note of another request lies at the border of what is read', async () => {
      write('Other work. [countersign:req_0002]');
      expect(await applied(minutesLater(13))).toBe(false);
      expect(await applied(minutesLater(14.5))).toBeNull();
      expect(await applied(minutesLater(15))).toBeNull();
      expect(await applied(minutesLater(16))).toBe(false);
    });

    test('is left to a human when the timeline does not say who wrote', async () => {
      const input = tool.input.parse(ask('Rolled back.'));
      const traces = { ours: [], unclear: ['annotate_log_entry'], anybody: ['annotate_log_entry'], complete: true };
      expect(tool.verify(input, { notes: [], traces }, attempt).applied).toBeNull();
      const none = { ours: [], unclear: [], anybody: [], complete: false };
      expect(tool.verify(input, { notes: [], traces: none }, attempt).applied).toBeNull();
    });
  });

  test.each([
    [null],
    [{ message: 'blocked' }],
    [{ note: { content: 'Rolled back. [countersign:req_0001]' } }],
    [{ note: { id: 'PNOTE01', content: null } }],
    [{ note: { id: 'PNOTE01', content: 'Another note. [countersign:req_0001]' } }],
    [{ note: { id: 'PNOTE01', content: 'Rolled back.' } }],
  ])('does not take %j for its note', (body) => {
    expect(() => tool.interpret(tool.input.parse(ask('Rolled back.')), body)).toThrow();
  });

  test('tells the agent the id of the note and that it cannot be taken back', async () => {
    const { input, before } = await held(tool, ask('Rolled back.'));
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { note_id: expect.stringMatching(/^[A-Z0-9]+$/) },
      secrets: [],
    });
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "because": "There is no tool that deletes notes; delete it on the timeline of the incident in PagerDuty.",
        "possible": false,
      }
    `);
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PECHKOT",
        ],
        "subjects": [
          "incident:Q1CHECKOUT5XX1",
        ],
      }
    `);
    expect(tool.supersedes(input)).toBeNull();
  });
});
