import { beforeEach, describe, expect, test } from 'vitest';
import { incidents, people } from '../../fake/company.ts';
import { stateOf, stillHolds } from '../evidence/watching.ts';
import { refusals, stage, stored, unread } from '../testing/stage.ts';
import { manageIncidents as tool } from './manage-incidents.ts';

const { play, reads, held, binding } = await stage();
const { checkout5xx, paymentWebhooks, trackingLag, slowLabels, mailerBounces, certificate } = incidents;
const ask = (change: object, ...ids: string[]) => ({
  manage_request: { incident_ids: ids.length > 0 ? ids : [checkout5xx.id], ...change },
});

beforeEach(() => play.reset());

describe('arguments of manage_incidents', () => {
  test('are taken as upstream spells them, as JSON text, and with nulls for what is not given', () => {
    const plain = tool.input.parse(ask({ assignement: { id: people.lena.id, summary: 'Lena' }, status: null }));
    const text = tool.input.parse({
      manage_request: JSON.stringify(ask({ assignment: { id: people.lena.id } }).manage_request),
    });
    expect(plain).toEqual(text);
    expect(plain).toStrictEqual({
      manage_request: { incident_ids: [checkout5xx.id], assignment: { id: people.lena.id } },
    });
  });

  test('are the same input in any order and with repetitions', () => {
    const one = tool.input.parse(ask({ urgency: 'low' }, trackingLag.id, checkout5xx.id, trackingLag.id));
    expect(one).toEqual(tool.input.parse(ask({ urgency: 'low' }, checkout5xx.id, trackingLag.id)));
    expect(tool.input.parse(stored(one))).toEqual(one);
  });

  test('are refused with the name of what is unknown or contradictory', () => {
    const person = (id: string) => ({ id });
    expect(refusals(tool, ask({ assignment: person('PUA'), assignement: person('PUB') }))).toMatchInlineSnapshot(`
      [
        "manage_request: "assignment" and "assignement" name different users; send one of them.",
      ]
    `);
    expect(refusals(tool, ask({}))).toMatchInlineSnapshot(`
      [
        "manage_request: Nothing to change: give status, urgency, escalation_level or assignment.",
      ]
    `);
    expect(refusals(tool, ask({ assignment: person('PUA'), escalation_level: 2 }))).toMatchInlineSnapshot(`
      [
        "manage_request: Give either escalation_level or assignment: each would undo the other.",
      ]
    `);
    expect(refusals(tool, ask({ status: 'acknowledged', escalation_level: 2 }))).toMatchInlineSnapshot(`
      [
        "manage_request: Give either a status or somebody to hand the incident on to, not both.",
      ]
    `);
    expect(refusals(tool, { ...ask({ urgency: 'low' }), title: 'x' })).toMatchInlineSnapshot(`
      [
        "arguments: Unrecognized key: "title"",
      ]
    `);
    expect(refusals(tool, ask({ urgency: 'low', priority: 'P1' }))).toMatchInlineSnapshot(`
      [
        "manage_request: Unrecognized key: "priority"",
      ]
    `);
    expect(refusals(tool, ask({ status: 'triggered' }))).toMatchInlineSnapshot(`
      [
        "manage_request.status: Invalid option: expected one of "acknowledged"|"resolved"",
      ]
    `);
    expect(refusals(tool, ask({ urgency: 'low' }, '4821'))).toMatchInlineSnapshot(`
      [
        "manage_request.incident_ids.0: The incident id "4821" is an incident number; get_incident tells the id that belongs to it, send that.",
      ]
    `);
    expect(refusals(tool, { manage_request: '{"__proto__":{}}' })).toMatchInlineSnapshot(`
      [
        "manage_request: This JSON text can be read in more than one way. The key "__proto__" is not accepted.",
      ]
    `);
  });

  test.each([
    ['{"incident_ids":["PA"],"incident_ids":["PB"],"urgency":"low"}', 'The key "incident_ids" is given twice.'],
    ['{"incident_ids":["PA"],"escalation_level":9007199254740993}', 'The number 9007199254740993 is too large'],
    ['{"incident_ids":["P\\u0000A"],"urgency":"low"}', 'The text holds the character U+0000'],
    ['{"incident_ids":"[\\"PA\\",1e999]","urgency":"low"}', 'The number 1e999 is too large'],
  ])('are refused as the ambiguous JSON text %s', (text, because) => {
    const [found, ...more] = refusals(tool, { manage_request: text });
    expect(found).toContain('This JSON text can be read in more than one way.');
    expect(found).toContain(because);
    expect(more).toEqual([]);
  });

  test.each(['', ' ', 'null', '"null"', '""', "''", '\u200b', '\u2060\ufeff', 'None', 'undefined'])(
    'are refused when an id is the artefact %j',
    (id) => {
      expect(refusals(tool, ask({ urgency: 'low' }, id))[0]).toContain('The incident id is blank');
    },
  );
});

describe('what manage_incidents refuses to hold', () => {
  const verdict = async (change: object, ...ids: string[]) => {
    const { input, before } = await held(tool, ask(change, ...ids));
    return tool.admit(input, before, binding);
  };
  const no = (because: string) => ({ holds: false, because });

  test('more than ten incidents, without asking PagerDuty for them', async () => {
    const many = Array.from({ length: 11 }, (_, index) => `PNOSUCH${index}`);
    expect(await verdict({ status: 'resolved' }, ...many)).toEqual(
      no('One request may change at most 10 incidents, this one names 11; ask in smaller groups.'),
    );
  });

  test('anything about a resolved incident', async () => {
    const reopen = no('Incident #4817 is resolved; this would reopen it or change nothing.');
    expect(await verdict({ status: 'resolved' }, certificate.id)).toEqual(no('Incident #4817 is already resolved.'));
    expect(await verdict({ status: 'acknowledged' }, checkout5xx.id, certificate.id)).toEqual(reopen);
    expect(await verdict({ escalation_level: 2 }, certificate.id)).toEqual(reopen);
    expect(await verdict({ assignment: { id: people.lena.id } }, certificate.id)).toEqual(reopen);
  });

  test('what is so already, and a level without anybody', async () => {
    expect(await verdict({ status: 'acknowledged' }, trackingLag.id)).toEqual(
      no('Incident #4820 is already acknowledged.'),
    );
    expect(await verdict({ urgency: 'low' }, slowLabels.id)).toEqual(
      no('The urgency of incident #4819 is already low.'),
    );
    expect(await verdict({ escalation_level: 9 })).toEqual(no('Nobody is on call at level 9 for incident #4821.'));
    await expect(verdict({ assignment: { id: 'PUNOONE' } })).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('risk of manage_incidents', () => {
  const risk = async (change: object, ...ids: string[]) => {
    const { input, before } = await held(tool, ask(change, ...ids));
    return tool.risk(input, before).level;
  };

  test('grows with what is silenced', async () => {
    expect(await risk({ status: 'acknowledged' })).toBe('medium');
    expect(await risk({ urgency: 'low' })).toBe('medium');
    expect(await risk({ status: 'acknowledged' }, checkout5xx.id, paymentWebhooks.id)).toBe('high');
    expect(await risk({ status: 'resolved' }, paymentWebhooks.id)).toBe('high');
    expect(await risk({ status: 'resolved' })).toBe('critical');
    expect(await risk({ assignment: { id: people.lena.id } })).toBe('high');
    const {
      checkout5xx: a,
      paymentWebhooks: b,
      trackingLag: c,
      slowLabels: d,
      mailerBounces: e,
      conveyorOffline: f,
    } = incidents;
    expect(await risk({ urgency: 'low' }, a.id, b.id, c.id, d.id, e.id, f.id)).toBe('critical');
  });
});

describe('the card of manage_incidents', () => {
  const card = async (change: object, ...ids: string[]) => {
    const { input, before } = await held(tool, ask(change, ...ids));
    return tool.summarize(input, before);
  };

  test('says what resolving stops and closes', async () => {
    expect(await card({ status: 'resolved' })).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Stops being paged: Dana Whitfield and Priya Raman; no later level is paged.",
            "2 alerts still firing will be closed.",
            "Latest on its timeline: Assigned by the escalation policy, 2026-11-23 13:47 (UTC).",
          ],
        },
        "lines": [
          {
            "after": "resolved",
            "label": "Status",
            "now": "triggered",
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "#4821 Checkout 5xx above 5 %",
        "title": "Resolve incident #4821 "Checkout 5xx above 5 %"",
      }
    `);
  });

  test('says what acknowledging stops', async () => {
    expect(await card({ status: 'acknowledged', urgency: 'low' })).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "The person who approves is recorded as the one who acknowledged.",
            "Escalation stops; not paged next: Marco Bellini (level 2) and Aisha Rahmani, Dana Whitfield, Kenji Sato and 5 more (level 3).",
            "It is triggered again when the service has an acknowledgement timeout and nobody resolves it in time.",
            "Notified by low-urgency rules, without escalation: Dana Whitfield and Priya Raman.",
            "Latest on its timeline: Assigned by the escalation policy, 2026-11-23 13:47 (UTC).",
          ],
        },
        "lines": [
          {
            "after": "acknowledged",
            "label": "Status",
            "now": "triggered",
          },
          {
            "after": "low",
            "label": "Urgency",
            "now": "high",
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "#4821 Checkout 5xx above 5 %",
        "title": "Acknowledge incident #4821 "Checkout 5xx above 5 %" and set its urgency to low",
      }
    `);
  });

  test('says who is paged by an escalation', async () => {
    expect(await card({ escalation_level: 2 })).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Paged now: Marco Bellini.",
            "No longer assigned, unless on that level: Dana Whitfield and Priya Raman.",
            "Latest on its timeline: Assigned by the escalation policy, 2026-11-23 13:47 (UTC).",
          ],
        },
        "lines": [
          {
            "after": "level 2: Marco Bellini",
            "label": "Assigned to",
            "now": "Dana Whitfield and Priya Raman",
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "#4821 Checkout 5xx above 5 %",
        "title": "Escalate incident #4821 "Checkout 5xx above 5 %" to level 2",
      }
    `);
  });

  test('says who is paged and who is let off by a reassignment of several incidents', async () => {
    expect(await card({ assignment: { id: people.lena.id } }, checkout5xx.id, trackingLag.id)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Paged now: Lena Fischer, directly; it does not escalate further by itself.",
            "No longer assigned: Dana Whitfield, Priya Raman and Kenji Sato.",
          ],
        },
        "lines": [
          {
            "after": "Lena Fischer",
            "label": "#4821 Assigned to",
            "now": "Dana Whitfield and Priya Raman",
          },
          {
            "after": "Lena Fischer",
            "label": "#4820 Assigned to",
            "now": "Kenji Sato",
          },
        ],
        "services": [
          "Checkout API",
          "Parcel Tracking",
        ],
        "target": "#4821 Checkout 5xx above 5 %, #4820 Tracking events are 15 minutes late",
        "title": "Reassign 2 incidents to Lena Fischer",
      }
    `);
  });

  test('says that the effect is not known when PagerDuty cannot tell who is on call', async () => {
    const { input, before } = await held(tool, ask({ escalation_level: 2 }));
    expect(tool.summarize(input, { ...before, onCall: null }).effect).toMatchObject({
      known: false,
      lines: ['Who will be paged is not known.', expect.any(String), expect.any(String)],
    });
  });

  test('shows hidden characters of a title as text', async () => {
    const { title } = await card({ status: 'acknowledged' }, mailerBounces.id);
    expect(title).not.toMatch(/[\p{Cf}\p{Cc}]/u);
  });
});

describe('the call of manage_incidents', () => {
  const call = (change: object, ...ids: string[]) => tool.call(tool.input.parse(ask(change, ...ids)), binding, unread);

  test('is one PUT with clean members', () => {
    expect(
      call({ status: 'acknowledged', urgency: 'low', assignement: null }, trackingLag.id, checkout5xx.id),
    ).toMatchInlineSnapshot(`
      {
        "body": {
          "incidents": [
            {
              "id": "Q1CHECKOUT5XX1",
              "status": "acknowledged",
              "type": "incident_reference",
              "urgency": "low",
            },
            {
              "id": "Q3TRACKINGLAG1",
              "status": "acknowledged",
              "type": "incident_reference",
              "urgency": "low",
            },
          ],
        },
        "method": "PUT",
        "path": "/incidents",
      }
    `);
    expect(call({ assignement: { id: people.lena.id } })).toMatchInlineSnapshot(`
      {
        "body": {
          "incidents": [
            {
              "assignments": [
                {
                  "assignee": {
                    "id": "PULENA1",
                    "type": "user_reference",
                  },
                },
              ],
              "id": "Q1CHECKOUT5XX1",
              "type": "incident_reference",
            },
          ],
        },
        "method": "PUT",
        "path": "/incidents",
      }
    `);
    expect(call({ escalation_level: 2 }).body).toMatchInlineSnapshot(`
      {
        "incidents": [
          {
            "escalation_level": 2,
            "id": "Q1CHECKOUT5XX1",
            "type": "incident_reference",
          },
        ],
      }
    `);
  });

  test('touches its incidents and lets the people of their policies review', async () => {
    const { input, before } = await held(tool, ask({ urgency: 'low' }, trackingLag.id, checkout5xx.id));
    expect(tool.touches(input, before)).toEqual({
      subjects: [`incident:${checkout5xx.id}`, `incident:${trackingLag.id}`],
      escalationPolicyIds: ['PECHKOT', 'PETRACK'],
    });
  });

  test('replaces an older ask for the same fields of the same incidents, and no other', () => {
    const key = (change: object, ...ids: string[]) => tool.supersedes(tool.input.parse(ask(change, ...ids)));
    expect(key({ urgency: 'low' }, 'PA', 'PB')).toBe(key({ urgency: 'high' }, 'PB', 'PA'));
    expect(key({ urgency: 'low' }, 'PA')).not.toBe(key({ status: 'resolved' }, 'PA'));
    expect(key({ urgency: 'low' }, 'PA')).not.toBe(key({ urgency: 'low' }, 'PB'));
  });
});

describe('the precondition of manage_incidents', () => {
  const priya = people.priya.email;
  const drift = async (change: object, act: object) => {
    const { input, before } = await held(tool, ask(change));
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    const { status } = play.human({
      as: priya,
      method: 'PUT',
      path: `/incidents/${checkout5xx.id}`,
      body: { incident: act },
    });
    expect(status).toBe(200);
    const now = await tool.read(reads, input);
    const verdict = stillHolds(tool, input, before, now);
    expect(JSON.stringify(stateOf(tool, input, now)) === JSON.stringify(stateOf(tool, input, before))).toBe(
      verdict.holds,
    );
    return verdict.holds ? null : verdict.because;
  };

  test('names what somebody else has changed', async () => {
    expect(await drift({ status: 'acknowledged' }, { type: 'incident', status: 'resolved' })).toBe(
      'Incident #4821 was "triggered" when this was shown and is "resolved" now.',
    );
  });

  test('names another urgency, priority or assignee', async () => {
    expect(await drift({ status: 'acknowledged' }, { type: 'incident', urgency: 'low' })).toBe(
      'The urgency of incident #4821 was high when this was shown and is low now.',
    );
    play.reset();
    expect(
      await drift({ status: 'acknowledged' }, { type: 'incident', priority: { id: 'PRIO003', type: 'priority' } }),
    ).toBe('The priority of incident #4821 was P1 when this was shown and is P3 now.');
    play.reset();
    const assignments = [{ assignee: { id: people.lena.id, type: 'user_reference' } }];
    expect(await drift({ status: 'acknowledged' }, { type: 'incident', assignments })).toBe(
      'The assignee of incident #4821 was Dana Whitfield and Priya Raman when this was shown and is Lena Fischer now.',
    );
  });

  test('does not mind another title', async () => {
    expect(await drift({ status: 'acknowledged' }, { type: 'incident', title: 'Checkout broken' })).toBeNull();
  });

  test('minds a new alert only when the incident is to be resolved', async () => {
    const fire = () =>
      play.change((state) => {
        const first = state.alerts.find(({ incidentId }) => incidentId === checkout5xx.id);
        if (first) state.alerts.push({ ...first, id: 'QNEWALERT00001', status: 'triggered' });
      });
    const ack = await held(tool, ask({ status: 'acknowledged' }));
    const resolve = await held(tool, ask({ status: 'resolved' }));
    fire();
    expect(stillHolds(tool, ack.input, ack.before, await tool.read(reads, ack.input))).toEqual({ holds: true });
    expect(stillHolds(tool, resolve.input, resolve.before, await tool.read(reads, resolve.input))).toEqual({
      holds: false,
      because: 'The number of open alerts of incident #4821 was 2 when this was shown and is 3 now.',
    });
  });
});

describe('undoing manage_incidents', () => {
  const undo = async (change: object, ...ids: string[]) => {
    const { input, before } = await held(tool, ask(change, ...ids));
    return tool.undo(input, before, null);
  };

  test('puts urgency and assignee back where one call can', async () => {
    const low = await undo({ urgency: 'low' });
    expect(low).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "manage_request": {
            "incident_ids": [
              "Q1CHECKOUT5XX1",
            ],
            "urgency": "high",
          },
        },
        "note": "Notifications already sent stay sent.",
        "possible": true,
        "tool": "manage_incidents",
      }
    `);
    expect(await undo({ assignment: { id: people.lena.id } }, trackingLag.id)).toMatchObject({
      possible: true,
      complete: true,
      input: { manage_request: { incident_ids: [trackingLag.id], assignment: { id: people.kenji.id } } },
    });
    expect(await undo({ status: 'acknowledged', urgency: 'low' })).toMatchObject({ possible: true, complete: false });
  });

  test('says why it is not possible', async () => {
    expect(await undo({ status: 'resolved' })).toMatchInlineSnapshot(`
      {
        "because": "A resolved incident cannot be reopened from here; reopen it in PagerDuty, which pages again.",
        "possible": false,
      }
    `);
    expect(await undo({ status: 'acknowledged' })).toMatchInlineSnapshot(`
      {
        "because": "PagerDuty has no way to take back an acknowledgement; it ends with the service’s timeout or by reassigning.",
        "possible": false,
      }
    `);
    expect(await undo({ escalation_level: 2 })).toMatchInlineSnapshot(`
      {
        "because": "The former assignees were several, and one request can assign only one; reassign by hand in PagerDuty.",
        "possible": false,
      }
    `);
    expect(await undo({ urgency: 'low' }, checkout5xx.id)).toMatchObject({ possible: true });
  });
});
