import { beforeEach, describe, expect, test } from 'vitest';
import { pageServices, pageWords, statusPages } from '../../fake/status-pages.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createStatusPagePost as tool } from './create-status-page-post.ts';
import { rehearsals } from './rehearsal.ts';

const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const message = 'Checkouts fail for some customers.';
const update = (more: object = {}) => ({
  message,
  status: { id: pageWords.investigating.id },
  severity: { id: pageWords.major.id, type: 'status_page_severity' },
  impacted_services: [{ service: { id: pageServices.shop.id }, impact: { id: pageWords.outage.id } }],
  ...more,
});
const ask = (more: object = {}, updates: object[] = [update()], page: string = statusPages.customers.id) => ({
  status_page_id: page,
  create_model: {
    post: {
      title: 'Checkout fails',
      post_type: 'incident',
      starts_at: '2026-11-23T14:00:00Z',
      ends_at: '2026-11-23T18:00:00Z',
      updates,
      ...more,
    },
  },
});

beforeEach(() => {
  play.reset();
  at(NOW);
});

describe('create_status_page_post', () => {
  test('refuses what contradicts itself', () => {
    expect(refusals(tool, ask({ status_page: { id: statusPages.staff.id } }))).toMatchInlineSnapshot(`
      [
        "arguments: status_page_id and create_model.post.status_page name different pages.",
      ]
    `);
    expect(refusals(tool, ask({ ends_at: '2026-11-23T13:00:00Z' }))).toMatchInlineSnapshot(`
      [
        "create_model.post.ends_at: The post must not end before it starts.",
      ]
    `);
    expect(refusals(tool, ask({}, [update({ post: { id: 'PWPCHKT' } })]))).toMatchInlineSnapshot(`
      [
        "create_model.post.updates.0.post: A post that does not exist yet cannot be named; leave this out.",
      ]
    `);
    expect(refusals(tool, ask({}, [update({ message: ' ' })]))).toMatchInlineSnapshot(`
      [
        "create_model.post.updates.0.message: Must not be blank.",
      ]
    `);
    const impact = { service: { id: pageServices.shop.id }, impact: { id: pageWords.outage.id } };
    expect(refusals(tool, ask({}, [update({ impacted_services: [impact, impact] })]))).toMatchInlineSnapshot(`
      [
        "create_model.post.updates.0.impacted_services: A service is named more than once.",
      ]
    `);
    expect(refusals(tool, ask({ status_page: { id: statusPages.customers.id } }, [update({ post: null })]))).toEqual(
      [],
    );
  });

  test('shows the whole text, names instead of ids, and who is told', async () => {
    const { input, before } = await held(tool, tool.example);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Pages nobody. Everybody on the internet can read it at once at https://status.northwind.example.",
            "Tells 5 subscribers (4 by mail and 1 by webhook).",
            "What was mailed cannot be called back.",
          ],
        },
        "lines": [
          {
            "after": "Maintenance of the web shop",
            "label": "Title",
            "now": null,
          },
          {
            "after": "maintenance",
            "label": "Kind",
            "now": null,
          },
          {
            "after": "2099-01-05 20:00 (UTC)",
            "label": "From",
            "now": null,
          },
          {
            "after": "2099-01-05 22:00 (UTC)",
            "label": "Until",
            "now": null,
          },
          {
            "after": "The web shop will not be available during this window.",
            "label": "Message",
            "now": null,
          },
          {
            "after": "scheduled",
            "label": "Status",
            "now": null,
          },
          {
            "after": "planned",
            "label": "Severity",
            "now": null,
          },
          {
            "after": "Web Shop: under maintenance",
            "label": "Affected services",
            "now": null,
          },
          {
            "after": "yes",
            "label": "Subscribers are told",
            "now": null,
          },
          {
            "after": "in 1 h",
            "label": "Next update promised",
            "now": null,
          },
        ],
        "services": [
          "Web Shop",
        ],
        "target": "Northwind Parcel Status",
        "title": "Publish the maintenance post "Maintenance of the web shop" on the public status page "Northwind Parcel Status"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "A public statement to customers.",
          "Subscribers are told, which cannot be called back.",
        ],
      }
    `);
    expect(tool.touches(input, before)).toEqual({ subjects: ['status_page:PWCUSTM'], escalationPolicyIds: [] });
  });

  test('shows several updates one by one, and says when nobody is told', async () => {
    const dated = update({ reported_at: '2026-11-23T13:30:00Z', message: 'a\nb\u202ec', impacted_services: null });
    const { input, before } = await held(tool, ask({}, [dated, update()]));
    const { lines, effect } = tool.summarize(input, before);
    expect(lines.map(({ label, after }) => `${label} = ${after}`)).toMatchInlineSnapshot(`
      [
        "Title = Checkout fails",
        "Kind = incident",
        "From = 2026-11-23 14:00 (UTC)",
        "Until = 2026-11-23 18:00 (UTC)",
        "Update 1: Message = a
      b\\u{202e}c",
        "Update 1: Status = investigating",
        "Update 1: Severity = major",
        "Update 1: Affected services = none",
        "Update 1: Subscribers are told = no",
        "Update 1: Dated = 2026-11-23 13:30 (UTC)",
        "Update 2: Message = Checkouts fail for some customers.",
        "Update 2: Status = investigating",
        "Update 2: Severity = major",
        "Update 2: Affected services = Web Shop: outage",
        "Update 2: Subscribers are told = no",
      ]
    `);
    expect(effect.lines).toMatchInlineSnapshot(`
      [
        "Pages nobody. Everybody on the internet can read it at once at https://status.northwind.example.",
        "Subscribers are not told.",
      ]
    `);
  });

  test('is weighed by who reads it, who is told and what the text holds', async () => {
    const page = statusPages.staff.id;
    const quiet = await held(
      tool,
      ask(
        {},
        [{ message: 'See <b>https://x.example</b>', status: { id: 'PWSST01' }, severity: { id: 'PWSSV01' } }],
        page,
      ),
    );
    expect(tool.risk(quiet.input, quiet.before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "A statement to everybody who may see the private page.",
          "The text contains HTML, which the page renders.",
          "The text contains a link.",
        ],
      }
    `);
    const loud = await held(
      tool,
      ask({}, [{ message, status: { id: 'PWSST01' }, severity: { id: 'PWSSV01' }, notify_subscribers: true }], page),
    );
    expect(tool.risk(loud.input, loud.before).level).toBe('critical');
    expect(tool.summarize(loud.input, loud.before).effect.lines).toContain('Tells 0 subscribers.');
  });

  test('does not know the effect when subscribers cannot be counted, or not all of them', async () => {
    const { input, before } = await held(tool, ask({}, [update({ notify_subscribers: true })]));
    expect(tool.summarize(input, { ...before, told: null }).effect).toMatchObject({ known: false });
    const many = { email: 1_000, webhook: 0, slack: 2, complete: false };
    const { effect } = tool.summarize(input, { ...before, told: many });
    expect(effect.known).toBe(false);
    expect(effect.lines).toContain('Tells at least 1002 subscribers (1000 by mail and 2 in Slack).');
    play.faults.add({ match: { method: 'GET', path: /subscriptions$/ }, kind: 'refuse' });
    expect((await tool.read(reads, input)).told).toBeNull();
  });

  test('sends one POST without nulls, and says "no" for subscribers unless asked', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "post": {
            "ends_at": "2026-11-23T18:00:00Z",
            "post_type": "incident",
            "starts_at": "2026-11-23T14:00:00Z",
            "status_page": {
              "id": "PWCUSTM",
              "type": "status_page",
            },
            "title": "Checkout fails",
            "type": "status_page_post",
            "updates": [
              {
                "impacted_services": [
                  {
                    "impact": {
                      "id": "PWCIM02",
                      "type": "status_page_impact",
                    },
                    "service": {
                      "id": "PWSSHOP",
                      "type": "status_page_service",
                    },
                  },
                ],
                "message": "Checkouts fail for some customers.",
                "notify_subscribers": false,
                "severity": {
                  "id": "PWCSV02",
                  "type": "status_page_severity",
                },
                "status": {
                  "id": "PWCST01",
                  "type": "status_page_status",
                },
                "type": "status_page_post_update",
              },
            ],
          },
        },
        "method": "POST",
        "path": "/status_pages/PWCUSTM/posts",
      }
    `);
  });

  test('is refused when the page lacks a word, has the post already, or the window is over', async () => {
    const verdict = async (raw: unknown) => {
      const { input, before } = await held(tool, raw);
      return tool.admit(input, before, binding);
    };
    expect(await verdict(ask({}, [update({ status: { id: 'PWNONE1' } })]))).toMatchInlineSnapshot(`
      {
        "because": "The status page "Northwind Parcel Status" has no status with the id PWNONE1.",
        "holds": false,
      }
    `);
    expect(await verdict(ask({}, [update({ severity: { id: pageWords.planned.id } })]))).toMatchInlineSnapshot(`
      {
        "because": "The severity "planned" is for maintenance posts, and this post is of the type incident.",
        "holds": false,
      }
    `);
    const stray = [{ service: { id: 'PWSDEPO' }, impact: { id: pageWords.outage.id } }];
    expect(await verdict(ask({}, [update({ impacted_services: stray })]))).toMatchInlineSnapshot(`
      {
        "because": "The status page "Northwind Parcel Status" has no service with the id PWSDEPO.",
        "holds": false,
      }
    `);
    const past = { post_type: 'maintenance', starts_at: '2020-01-01T00:00:00Z', ends_at: '2020-01-01T01:00:00Z' };
    expect(await verdict(ask(past))).toMatchInlineSnapshot(`
      {
        "because": "The maintenance window ended already, at 2020-01-01 01:00 (UTC).",
        "holds": false,
      }
    `);
    await sent(tool, tool.input.parse(ask()));
    expect(await verdict(ask())).toMatchInlineSnapshot(`
      {
        "because": "The page has a post "Checkout fails" with this start already; publish an update to that one.",
        "holds": false,
      }
    `);
    const later = await held(tool, ask({ starts_at: '2026-11-23T14:01:00Z' }));
    expect(tool.admit(later.input, later.before, binding)).toEqual({ holds: true });
    expect(tool.risk(later.input, later.before).reasons).toContain('The page has 1 post with this title.');
    await expect(held(tool, ask({}, [update()], 'PWNOONE'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('is stale when somebody published it meanwhile or renamed a word of it', async () => {
    const { input, before } = await held(tool, tool.example);
    rehearsals.create_status_page_post?.drift(play);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The number of posts with this title was 0 when this was shown and is 1 now.",
        "holds": false,
      }
    `);
    play.reset();
    play.change(({ statusPages: { pages } }) => {
      for (const word of pages[0]?.severities ?? []) word.description += ' (new)';
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The name of the severity was "planned" when this was shown and is "planned (new)" now.",
        "holds": false,
      }
    `);
  });

  test('takes only an answer about this post', async () => {
    const input = tool.input.parse(ask());
    const outcome = await sent(tool, input);
    const body = outcome.kind === 'applied' ? outcome.body : null;
    expect(tool.interpret(input, body)).toEqual({
      applied: true,
      result: { post_id: expect.stringMatching(/^P/) },
      secrets: [],
    });
    expect(() => tool.interpret(tool.input.parse(ask({ title: 'Another' })), body)).toThrow();
    expect(() => tool.interpret(input, null)).toThrow();
  });

  test('is recognised by title, start, message and date when the answer was lost, and not otherwise', async () => {
    const input = tool.input.parse(ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "The page has no such post with a fitting date; it may have been changed or deleted since. A human must look at the status page and its mails.",
      }
    `);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchInlineSnapshot(
      { result: { post_id: expect.any(String) } },
      `
      {
        "applied": true,
        "because": "The page has one post with this title, start and message, dated when the call was sent.",
        "result": {
          "post_id": Any<String>,
        },
      }
    `,
    );
    // The same post of another hour is somebody else's.
    const earlier = {
      ...attempt,
      claimedAt: new Date(Date.parse(NOW) - 3_600_000),
      lostAt: new Date('2026-11-23T13:10Z'),
    };
    expect((await evidence(tool, input, earlier)).applied).toBeNull();
    await sent(tool, input);
    expect(await evidence(tool, input)).toMatchObject({
      applied: null,
      because: expect.stringContaining('2 such posts'),
    });
  });

  test('does not recognise a post whose links lead elsewhere or that others were told of', async () => {
    const link = (to: string) => update({ message: `See <a href="https://${to}.example/">this page</a>.` });
    await sent(tool, tool.input.parse(ask({}, [link('one')])));
    expect((await evidence(tool, tool.input.parse(ask({}, [link('one')])))).applied).toBe(true);
    expect(await evidence(tool, tool.input.parse(ask({}, [link('two')])))).toMatchObject({
      applied: null,
      because: expect.stringContaining('with other links'),
    });
    const loud = tool.input.parse(ask({}, [{ ...link('one'), notify_subscribers: true }]));
    expect((await evidence(tool, loud)).applied).toBeNull();
  });

  test('is recognised by the date that was asked for', async () => {
    const input = tool.input.parse(ask({}, [update({ reported_at: '2026-11-23T13:30:00.500Z' })]));
    await sent(tool, input);
    expect((await evidence(tool, input)).applied).toBe(true);
    const other = tool.input.parse(ask({}, [update({ reported_at: '2026-11-23T13:31:00Z' })]));
    expect((await evidence(tool, other)).applied).toBeNull();
  });

  test('cannot be undone from here', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "because": "No tool deletes posts; delete it on the status page "Northwind Parcel Status" in PagerDuty. Mails that were sent stay sent.",
        "possible": false,
      }
    `);
    expect(tool.supersedes(input)).toBeNull();
  });
});
