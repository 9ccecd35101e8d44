import { request } from 'node:http';
import { type types, webApi } from '@slack/bolt';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { channels, tokens, users } from '../company.ts';
import type { Play } from '../play.ts';
import { type FakeSlack, startFakeSlack } from '../server.ts';
import { createState } from '../state.ts';
import { html } from './page-html.ts';
import { dateText, mrkdwn } from './page-text.ts';

let slack: FakeSlack;
let client: webApi.WebClient;

beforeEach(async () => {
  slack = await startFakeSlack();
  client = new webApi.WebClient(tokens.bot, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
});
afterEach(() => slack.close());

const { approvals, watercooler } = channels;
const { priya, marco, guest } = users;
const plain = (text: string): types.PlainTextElement => ({ type: 'plain_text', text });

const get = async (path: string) => await (await fetch(slack.url + path)).text();
const pageOf = (userId: string, place: string = approvals.id) => get(`/?as=${userId}&in=${place}`);
const screenOf = async (userId: string, place: string = approvals.id) =>
  JSON.parse(await get(`/_play/screen?as=${userId}&in=${place}`));

async function send(path: string, body: object = {}, headers: Record<string, string> = {}) {
  const answer = await fetch(slack.url + path, { method: 'POST', body: JSON.stringify(body), headers });
  return { status: answer.status, json: await answer.json() };
}

const post = (text: string, blocks: types.KnownBlock[] = []) =>
  client.chat.postMessage({ channel: approvals.id, text, blocks });

const approve = (more: object = {}): types.KnownBlock => ({
  type: 'actions',
  block_id: 'a',
  elements: [{ type: 'button', action_id: 'approve', text: plain('Approve'), ...more }],
});

/** Whatever our own code writes; a tag that is not of this grammar was made by a text. */
const TAG = /<(\/?)([a-z][a-z0-9]*|!doctype)((?: [a-z-]+(?:="[^"<>]*")?)*)>/g;
const ATTRIBUTE = / ([a-z-]+)(?:="([^"<>]*)")?/g;

/** Names of tags with those of their attributes. @throws when anything is left that a browser might take for markup. */
function structure(source: string): string[] {
  expect(source.replace(TAG, '')).not.toMatch(/[<>"']/);
  return [...source.matchAll(TAG)].map(([, end, name, attributes = '']) => {
    const names = [...attributes.matchAll(ATTRIBUTE)].map(([, attribute, value = '']) => {
      if (attribute === 'href') expect(value).toMatch(/^(https?:|mailto:|\/|#|data:,)/);
      return attribute;
    });
    return [`${end}${name}`, ...names].join(' ');
  });
}

const withoutBreaks = (tags: string[]) => tags.filter((tag) => tag !== 'br');

const hostile = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onclick='alert(1)",
    '</textarea><script>alert(1)</script>',
    '</form></dialog></article>',
    '&lt;script&gt;alert(1)&lt;/script&gt;',
    '&amp;lt;b&amp;gt;',
    '<!--',
    '<javascript:alert(1)|Approve>',
    '<https://a.example/"onmouseover="alert(1)|x>',
    '<!date^1^"><script>^javascript:alert(1)|x>',
    '`</code><b>`',
    '```</pre><b>```',
    '*<b>* _"_ ~\'~',
    '&gt; <i>',
  ),
  fc.string({ unit: fc.constantFrom(...'<>"\'&;=/ab*_~`|!^#@:\n{}$'), maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const someText = hostile.filter((text) => text.trim() !== '');

/** A message and a modal that say the same thing in every place where something can be said. */
async function sayEverywhere(text: string): Promise<string> {
  const option = { text: plain(text.slice(0, 75)), value: 'v' };
  const short = text.slice(0, 20);
  const rich: types.RichTextBlock = {
    type: 'rich_text',
    elements: [
      { type: 'rich_text_section', elements: [{ type: 'text', text, style: { bold: true } }] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text }] },
      { type: 'rich_text_quote', elements: [{ type: 'text', text }] },
      {
        type: 'rich_text_section',
        elements: [
          { type: 'user', user_id: text },
          { type: 'emoji', name: text },
        ],
      },
    ],
  };
  const confirm = { title: plain(short), text: plain(text), confirm: plain(short), deny: plain(short) };
  const blocks: types.KnownBlock[] = [
    { type: 'header', text: plain(text) },
    { type: 'section', block_id: text, text: plain(text), fields: [plain(text)] },
    rich,
    {
      type: 'context',
      elements: [plain(text), { type: 'image', alt_text: text, image_url: 'https://a.example/i.png' }],
    },
    {
      type: 'actions',
      elements: [
        { type: 'button', action_id: text, text: plain(text), value: text, accessibility_label: text, confirm },
        { type: 'overflow', action_id: `${text}2`, options: [option] },
        { type: 'static_select', action_id: `${text}3`, placeholder: plain(text), options: [option] },
      ],
    },
    { type: 'image', alt_text: text, image_url: 'https://a.example/i.png' },
    { type: 'table', rows: [[{ type: 'raw_text', text }], [rich]] },
    { type: 'markdown', text },
  ];
  const { ts = '' } = await client.chat.postMessage({ channel: approvals.id, text: 'Ask', blocks });
  const fields: types.KnownBlock[] = [
    { type: 'alert', text: plain(text) },
    {
      type: 'input',
      block_id: `${text}1`,
      label: plain(text),
      hint: plain(text),
      element: {
        type: 'plain_text_input',
        action_id: text,
        multiline: true,
        initial_value: text,
        placeholder: plain(text),
      },
    },
    {
      type: 'input',
      block_id: `${text}2`,
      label: plain(text),
      element: { type: 'plain_text_input', action_id: text, initial_value: text },
    },
    {
      type: 'input',
      label: plain(text),
      element: { type: 'checkboxes', action_id: text, options: [{ ...option, description: plain(short) }] },
    },
  ];
  await slack.shortcut(priya.id, 'open');
  const payload = JSON.parse(new URLSearchParams(slack.deliveries().at(-1)?.body).get('payload') ?? '{}');
  const view = {
    type: 'modal' as const,
    title: plain(short),
    submit: plain(short),
    close: plain(short),
    blocks: fields,
  };
  await client.views.open({ trigger_id: payload.trigger_id, view });
  const { main, modal } = await screenOf(priya.id);
  await client.chat.delete({ channel: approvals.id, ts });
  await slack.closeModal(priya.id);
  return main + modal;
}

describe('hostile text', () => {
  test('stays text wherever blocks can say it', async () => {
    const expected = withoutBreaks(structure(await sayEverywhere('x')));
    await fc.assert(
      fc.asyncProperty(someText, async (text) => {
        expect(withoutBreaks(structure(await sayEverywhere(text)))).toEqual(expected);
      }),
      { numRuns: 60, examples: [['__proto__'], ['constructor'], ['toString']] },
    );
  }, 120_000);

  test('cannot make more of mrkdwn than styles, mentions and links to the web', () => {
    const play = { state: createState(), now: () => new Date() } as Play;
    const known = [
      'b',
      'i',
      's',
      'br',
      'pre',
      'code',
      'blockquote',
      'a href target rel',
      'span class',
      'time datetime',
    ];
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), fc.boolean(), (texts, verbatim) => {
        const tags = structure(mrkdwn(play, { text: texts.join(' '), verbatim }).source);
        expect(tags.filter((tag) => !tag.startsWith('/') && !known.includes(tag))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('in the text of a message, its author’s name or the address of the page stays text', async () => {
    const evil = '"><script>alert(1)</script>';
    slack.say(marco.id, approvals.id, evil);
    structure((await screenOf(priya.id)).main);
    const page = await get(`/?as=${encodeURIComponent(evil)}&in=${encodeURIComponent(evil)}`);
    expect(page).not.toContain('alert(1)');
    structure(page.replace(/^<!doctype html>/, ''));
  });

  test('in a template is escaped unless it was made by one', () => {
    expect(html`<p title="${'"'}">${['<', html`<b>${'&'}</b>`]}${null}</p>`.source).toBe(
      '<p title="&quot;">&lt;<b>&amp;</b></p>',
    );
  });
});

describe('text', () => {
  const play = { state: createState(), now: () => new Date('2026-11-22T14:00:00Z') } as Play;
  const shown = (text: string, verbatim = false) => mrkdwn(play, { text, verbatim }).source;

  test.each([
    ['*bold* _italic_ ~gone~ `code`', '<b>bold</b> <i>italic</i> <s>gone</s> <code>code</code>'],
    ['snake_case_name and 2*3*4', 'snake_case_name and 2*3*4'],
    ['a &lt;b&gt; &amp;amp;', 'a &lt;b&gt; &amp;amp;'],
    [
      '<@U0PRIYA> <!channel> <#C0APPROVALS>',
      '<span class="mention">@Priya Raman</span> <span class="mention">@channel</span> <span class="mention">#approvals</span>',
    ],
    ['<javascript:alert(1)|Approve>', 'Approve'],
    [':warning: *_both_*\nnext', '⚠️ <b><i>both</i></b><br>next'],
    ['&gt; said', '<blockquote>said</blockquote>'],
  ])('%s is shown as Slack shows it', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('links go to the web and open beside the page', () => {
    const rel = 'target="_blank" rel="noopener noreferrer"';
    expect(shown('<https://a.example/?q=1&amp;r=2|Open>')).toBe(
      `<a href="https://a.example/?q=1&amp;r=2" ${rel}>Open</a>`,
    );
    expect(shown('see https://a.example')).toBe(`see <a href="https://a.example" ${rel}>https://a.example</a>`);
    expect(shown('see https://a.example', true)).toBe('see https://a.example');
  });

  test('moments are told by the day', () => {
    const now = new Date('2026-11-22T14:00:00Z');
    expect(dateText(now.getTime() / 1000, '{date_pretty}', now)).toBe('today');
    expect(dateText(now.getTime() / 1000 + 86_400, '{date_short_pretty}', now)).toBe('tomorrow');
    expect(dateText(0, '{date_num} {nonsense}', now)).toBe('1970-01-01 {nonsense}');
  });

  test('long texts of nothing but marks take no time', () => {
    for (const mark of ['*a* ', '<a>', '&gt; ', '`a`', '```', '_', 'https://a ']) {
      // What this process worked, not how long it had to wait for the processor.
      const before = process.cpuUsage();
      shown(mark.repeat(10_000));
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
    }
  });
});

describe('the page', () => {
  test('lets no foreign code and no frame near it', async () => {
    const answer = await fetch(`${slack.url}/`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    const text = await answer.text();
    expect(text).not.toMatch(/<script>|<style>| on\w+=| style=/);
    for (const path of ['/_play/page.css', '/_play/page.js']) {
      expect(text).toContain(path);
      expect((await fetch(slack.url + path)).status).toBe(200);
    }
    expect((await fetch(`${slack.url}/_play/nothing`)).status).toBe(404);
  });

  test('shows everybody what they can see and nobody more', async () => {
    slack.say(priya.id, watercooler.id, 'Cake in the kitchen');
    await client.chat.postEphemeral({ channel: approvals.id, user: priya.id, text: 'Only for Priya' });
    await client.chat.postMessage({ channel: marco.id, text: 'Only for Marco' });
    expect(await pageOf(priya.id, watercooler.id)).toContain('Cake in the kitchen');
    expect(await pageOf(guest.id, watercooler.id)).not.toContain('Cake in the kitchen');
    expect(await pageOf(priya.id)).toContain('Only visible to you');
    expect(await pageOf(marco.id)).not.toContain('Only for Priya');
    expect(await pageOf(marco.id, 'D0MARCO')).toContain('Only for Marco');
    expect(await pageOf(priya.id, 'D0MARCO')).not.toContain('Only for Marco');
    expect(await pageOf(users.leaver.id)).toContain('Nothing has been said here yet.');
  });

  test('names messages by their text and buttons by their label', async () => {
    await post('Waiting for approval: Resolve incident #4821', [approve({ accessibility_label: 'Approve: Resolve' })]);
    const { main } = await screenOf(priya.id);
    expect(main).toMatch(/<article [^>]*aria-label="Countersign: Waiting for approval: Resolve incident #4821">/);
    expect(main).toMatch(
      /<button type="button"[^>]*data-action="approve"[^>]*aria-description="Approve: Resolve">Approve<\/button>/,
    );
  });

  test('shows answers in the thread, and in the channel too when they were sent there', async () => {
    const { ts = '' } = await post('First');
    await client.chat.postMessage({ channel: approvals.id, thread_ts: ts, text: 'Second', reply_broadcast: true });
    await client.chat.postMessage({ channel: approvals.id, thread_ts: ts, text: 'Third' });
    const { main } = await screenOf(priya.id);
    expect(main).toContain('Thread, 2 replies');
    expect(main.match(/Countersign: Second/g)).toHaveLength(2);
    expect(main.match(/Countersign: Third/g)).toHaveLength(1);
  });
});

describe('what people do on the page', () => {
  test('is delivered, and refused when they could not do it', async () => {
    const { ts = '' } = await post('Ask', [approve()]);
    const click = { act: 'click', as: priya.id, channel: approvals.id, ts, blockId: 'a', actionId: 'approve' };
    expect((await send('/_play/act', click)).json).toMatchObject({ answer: { status: 0 } });
    expect(slack.deliveries()).toHaveLength(1);
    expect((await send('/_play/act', { ...click, actionId: 'deny' })).json.error).toContain('(deny 0; there is');
    expect((await send('/_play/act', { ...click, as: users.leaver.id })).json.error).toContain('cannot sign in');
    expect((await send('/_play/act', { act: 'fly', as: priya.id })).status).toBe(400);
    expect(slack.deliveries()).toHaveLength(1);
  });

  test('is a message or a command, as they typed it', async () => {
    const type = (text: string) => send('/_play/act', { act: 'type', as: priya.id, channel: approvals.id, text });
    await type('Good morning');
    await type('/countersign help');
    expect(slack.messages()).toMatchObject([{ user: priya.id, text: 'Good morning' }]);
    expect(slack.deliveries()).toMatchObject([{ kind: 'slash_commands' }]);
    expect((await screenOf(priya.id)).main).toContain('failed with the error');
  });

  test('can make Slack misbehave, and start over', async () => {
    await post('Ask');
    expect((await send('/_play/fault', { kind: 'status' })).status).toBe(201);
    expect((await send('/_play/fault', { kind: 'fire' })).status).toBe(400);
    expect((await screenOf(priya.id)).waiting).toBe(1);
    await expect(post('Lost')).rejects.toThrow();
    await send('/_play/fault', { kind: 'lost' });
    await send('/_play/reset');
    expect([slack.messages(), (await screenOf(priya.id)).waiting]).toEqual([[], 0]);
  });

  test('counts only when this page itself asks', async () => {
    const own = slack.url;
    expect((await send('/_play/reset', {}, { origin: own })).status).toBe(200);
    expect((await send('/_play/reset', {}, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await send('/_play/act', {}, { origin: 'null' })).status).toBe(403);
    const rebound = await new Promise((resolve) => {
      const headers = { host: 'evil.example' };
      request(`${own}/_play/screen`, { headers }, (answer) => resolve(answer.resume().statusCode)).end();
    });
    expect(rebound).toBe(403);
  });
});
