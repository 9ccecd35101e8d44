import { beforeEach, describe, expect, test } from 'vitest';
import { openPost, pageServices, pageWords, statusPages } from '../../fake/status-pages.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createStatusPagePostUpdate as tool } from './create-status-page-post-update.ts';
import { rehearsals } from './rehearsal.ts';

const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const ask = (more: object = {}) => ({
  status_page_id: statusPages.customers.id,
  post_id: openPost.id,
  create_model: {
    post_update: {
      message: 'Half of the checkouts work again.',
      status: { id: pageWords.identified.id },
      severity: { id: pageWords.minor.id },
      ...more,
    },
  },
});

beforeEach(() => {
  play.reset();
  at(NOW);
});

describe('create_status_page_post_update', () => {
  test('refuses another post inside, and takes the same one or none', () => {
    expect(refusals(tool, ask({ post: { id: 'PWOTHER' } }))).toMatchInlineSnapshot(`
      [
        "arguments: post_id and create_model.post_update.post name different posts.",
      ]
    `);
    expect(refusals(tool, ask({ post: { id: openPost.id, type: 'status_page_post' } }))).toEqual([]);
    expect(refusals(tool, ask({ post: null, reported_at: null, impacted_services: null }))).toEqual([]);
  });

  test('shows what customers read now beside what they will read', async () => {
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
            "after": "The release was taken back. Checkouts are fast again.",
            "label": "Message",
            "now": "A recent release slows the checkout down. We are taking it back.",
          },
          {
            "after": "resolved",
            "label": "Status",
            "now": "identified",
          },
          {
            "after": "minor",
            "label": "Severity",
            "now": "minor",
          },
          {
            "after": "none",
            "label": "Affected services",
            "now": "Web Shop: degraded performance",
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
        "services": [],
        "target": "Northwind Parcel Status: Checkout is slow for some customers",
        "title": "Publish an update to the incident post "Checkout is slow for some customers" on the public status page "Northwind Parcel Status"",
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

  test('counts the subscribers of the services that it names', async () => {
    const { input, before } = await held(
      tool,
      ask({
        notify_subscribers: true,
        impacted_services: [
          { service: { id: pageServices.shop.id }, impact: { id: pageWords.degraded.id } },
          { service: { id: pageServices.tracking.id }, impact: { id: pageWords.outage.id } },
        ],
      }),
    );
    const { effect, services } = tool.summarize(input, before);
    expect(effect.lines).toContain('Tells 7 subscribers (6 by mail and 1 by webhook).');
    expect(services).toEqual(['Web Shop', 'Parcel Tracking']);
    const quiet = await held(tool, ask());
    expect(tool.summarize(quiet.input, quiet.before).effect).toMatchInlineSnapshot(`
      {
        "known": true,
        "lines": [
          "Pages nobody. Everybody on the internet can read it at once at https://status.northwind.example.",
          "Subscribers are not told.",
        ],
      }
    `);
  });

  test('sends one POST with the post it belongs to and nothing that was not asked', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "post_update": {
            "impacted_services": [],
            "message": "Half of the checkouts work again.",
            "notify_subscribers": false,
            "post": {
              "id": "PWPCHKT",
              "type": "status_page_post",
            },
            "severity": {
              "id": "PWCSV01",
              "type": "status_page_severity",
            },
            "status": {
              "id": "PWCST02",
              "type": "status_page_status",
            },
            "type": "status_page_post_update",
          },
        },
        "method": "POST",
        "path": "/status_pages/PWCUSTM/posts/PWPCHKT/post_updates",
      }
    `);
  });

  test('is refused when the post says so already or the page lacks a word', async () => {
    const verdict = async (raw: unknown) => {
      const { input, before } = await held(tool, raw);
      return tool.admit(input, before, binding);
    };
    const last = 'A recent release slows the checkout down. We are taking it back.';
    const impacted = [{ service: { id: pageServices.shop.id }, impact: { id: pageWords.degraded.id } }];
    expect(await verdict(ask({ message: last }))).toEqual({ holds: true });
    expect(await verdict(ask({ message: `<p>${last}</p>`, impacted_services: impacted }))).toMatchInlineSnapshot(`
      {
        "because": "The post "Checkout is slow for some customers" says exactly this already.",
        "holds": false,
      }
    `);
    expect(await verdict(ask({ status: { id: pageWords.scheduled.id } }))).toMatchInlineSnapshot(`
      {
        "because": "The status "scheduled" is for maintenance posts, and this post is of the type incident.",
        "holds": false,
      }
    `);
    expect(await verdict(ask())).toEqual({ holds: true });
    await expect(held(tool, { ...ask(), post_id: 'PWNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('is refused on a post that is resolved', async () => {
    await sent(tool, tool.input.parse(ask({ status: { id: pageWords.resolved.id } })));
    at('2026-11-23T14:06:00Z');
    const { input, before } = await held(tool, ask({ message: 'It is back.' }));
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because:
        'The post "Checkout is slow for some customers" is resolved already; an update would open it again. Publish a new post instead.',
    });
  });

  test('may repeat the words with another link', async () => {
    const link = (to: string) => ask({ message: `See <a href="https://${to}.example/">this page</a>.` });
    await sent(tool, tool.input.parse(link('one')));
    const verdict = async (raw: unknown) => {
      const { input, before } = await held(tool, raw);
      return tool.admit(input, before, binding).holds;
    };
    expect(await verdict(link('one'))).toBe(false);
    expect(await verdict(link('two'))).toBe(true);
  });

  test('is critical on a private page too, also when nobody is told', async () => {
    const { input, before } = await held(tool, ask());
    const staff = { ...before, page: { ...before.page, type: 'private' } };
    expect(tool.risk(input, staff)).toEqual({
      level: 'critical',
      reasons: ['A statement to everybody who may see the private page.'],
    });
  });

  test.each([
    ['leads elsewhere', { message: 'See <a href="https://two.example/">this page</a>.' }],
    ['was told to subscribers', { notify_subscribers: true }],
  ])('does not recognise an update that %s as its own', async (_what, other) => {
    const asked = { message: 'See <a href="https://one.example/">this page</a>.' };
    await sent(tool, tool.input.parse(ask({ ...asked, ...other })));
    expect(await evidence(tool, tool.input.parse(ask(asked)))).toEqual({
      applied: null,
      because:
        'The post has an update with these words, but with other links or other marks, or told to others. A human must look at the status page and its mails.',
    });
  });

  test('is stale when somebody else has published or edited an update', async () => {
    const { input, before } = await held(tool, tool.example);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    rehearsals.create_status_page_post_update?.drift(play);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The last update of the post was "identified: A recent release slows the checkout down. We are taking it back." when this was shown and is "identified: Written by a person on the website." now.",
        "holds": false,
      }
    `);
    play.reset();
    play.change(({ statusPages: { pages } }) => {
      for (const update of pages[0]?.posts[0]?.updates ?? []) update.message = 'Edited.';
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input)).holds).toBe(false);
  });

  test('takes only an answer about this update', async () => {
    const input = tool.input.parse(ask());
    const outcome = await sent(tool, input);
    const body = outcome.kind === 'applied' ? outcome.body : null;
    expect(tool.interpret(input, body)).toEqual({
      applied: true,
      result: { post_update_id: expect.stringMatching(/^P/) },
      secrets: [],
    });
    expect(() => tool.interpret(tool.input.parse({ ...ask(), post_id: 'PWOTHER' }), body)).toThrow();
    const elsewhere = tool.input.parse(ask({ status: { id: pageWords.resolved.id } }));
    expect(() => tool.interpret(elsewhere, body)).toThrow();
  });

  test('is recognised by message, status and date when the answer was lost, and not otherwise', async () => {
    const input = tool.input.parse(ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "The post has no such update with a fitting date; it may have been changed or deleted since. A human must look at the status page and its mails.",
      }
    `);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchInlineSnapshot(
      { result: { post_update_id: expect.any(String) } },
      `
      {
        "applied": true,
        "because": "The post has one update with this message and status, dated when the call was sent.",
        "result": {
          "post_update_id": Any<String>,
        },
      }
    `,
    );
    at('2026-11-23T14:30:00Z');
    const later = { ...attempt, claimedAt: new Date('2026-11-23T14:30Z'), lostAt: new Date('2026-11-23T14:30Z') };
    expect((await evidence(tool, input, later)).applied).toBeNull();
    at(NOW);
    await sent(tool, input);
    expect((await evidence(tool, input)).because).toContain('2 such updates');
  });

  test('cannot be undone from here', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "because": "No tool deletes updates; delete it on the status page "Northwind Parcel Status" in PagerDuty. Mails that were sent stay sent.",
        "possible": false,
      }
    `);
  });
});
