import type { types } from '@slack/bolt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { can, MEANING, STATUSES } from '#approvals/lifecycle.ts';
import type { SlackView } from '#approvals/slack-view.ts';
import { findings } from '#pagerduty/visible-text.ts';
import { buildMessage, type SlackMessage } from './message.ts';

const PUBLIC_URL = 'https://countersign.example.com';

const view: SlackView = {
  id: 'apr_0123456789abcdefghjkmnpqrs',
  version: 1,
  digest: '9f2c1d0e5b6a7788'.repeat(4),
  risk: 'high',
  expiresAt: new Date('2026-11-22T14:13:00Z'),
  meaning: MEANING.pending,
  decidable: true,
  because: null,
  toolTitle: 'Change incidents',
  summary: {
    title: 'Resolve incident #4822 "Webhooks from <payments> fail & pile up"',
    target: '#4822 Webhooks from <payments> fail & pile up',
    services: ['Payments Gateway'],
    lines: [
      { label: 'Status', now: 'triggered', after: 'resolved' },
      { label: 'Note', now: null, after: 'Fixed by the rollback.\nStatus: triggered → triggered' },
    ],
    effect: { known: true, lines: ['Stops paging Priya Raman.', 'Closes 2 alerts.'] },
  },
  agentName: 'triage-bot',
  proposedByName: null,
  approvals: 0,
  reviewsRequired: 1,
};

const inStatus = (status: (typeof STATUSES)[number], because: string | null = null): SlackView => ({
  ...view,
  meaning: MEANING[status],
  decidable: can.approve(status).allowed,
  because,
});

/** Everything in a message that is text, outside and inside of `rich_text`. */
function texts({ text, blocks }: SlackMessage) {
  const objects: (types.PlainTextElement | types.MrkdwnElement)[] = [];
  const literal: types.RichTextElement[] = [];
  const other: Record<string, unknown>[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { type } = node as { type?: string };
    if (type === 'plain_text' || type === 'mrkdwn') objects.push(node as types.PlainTextElement);
    else if (type === 'text' || type === 'date') literal.push(node as types.RichTextElement);
    else {
      other.push(node as Record<string, unknown>);
      visit(Object.values(node));
    }
  };
  visit(blocks);
  return { text, objects, literal, other };
}

/** A message as one reads it. */
const outline = (message: SlackMessage) => {
  const { text, objects, literal } = texts(message);
  const words = (all: types.RichTextElement[]) => all.map((one) => (one.type === 'text' ? one.text : `{${one.type}}`));
  return [`(${text})`, objects[0]?.text, ...words(literal), ...objects.slice(1).map((one) => one.text)].join('\n');
};

describe('a message', () => {
  test('that waits for a decision shows what would change, its effect and its end', () => {
    expect(buildMessage(view, PUBLIC_URL)).toMatchSnapshot();
  });

  test.each([
    ['blocked', 'Writes with hidden characters are refused.'],
    ['pending', '1 of 2 approvals: Priya Raman'],
    ['approved', 'Approved by Priya Raman'],
    ['executing', 'Being sent.'],
    ['succeeded', 'PagerDuty applied it.'],
    ['failed', 'PagerDuty answered 400: "Incident <gone>"'],
    ['unknown', 'PagerDuty did not answer within 30 s.'],
    ['denied', 'Denied by Priya Raman: wrong incident, see <https://evil.example|the runbook>'],
    ['expired', 'Nobody decided in time. Nothing was sent.'],
    ['cancelled', 'Replaced by a newer ask for the same thing.'],
    ['stale', 'Incident #4822 is acknowledged by now.'],
  ] as const)('says what is so when it is %s', (status, because) => {
    expect(outline(buildMessage(inStatus(status, because), PUBLIC_URL))).toMatchSnapshot();
  });

  test('says so when the effect is not known, and counts approvals when two are needed', () => {
    const effect = { known: false, lines: [] };
    const shown = outline(
      buildMessage({ ...view, reviewsRequired: 2, approvals: 1, summary: { ...view.summary, effect } }, PUBLIC_URL),
    );
    expect(shown).toContain('Effect\nCould not be computed.');
    expect(shown).toContain('*Approvals*\n1 of 2');
  });

  test('does not let a value pass for another change', () => {
    const shown = outline(buildMessage(view, PUBLIC_URL)).split('\n');
    expect(shown.filter((line) => line.startsWith('Status: '))).toEqual(['Status: triggered → resolved']);
  });

  test('counts what it leaves out', () => {
    const lines = Array.from({ length: 20 }, (_, index) => ({ label: `Field ${index}`, now: null, after: 'x' }));
    const effect = { known: true, lines: Array.from({ length: 9 }, (_, index) => `Effect ${index}.`) };
    const shown = outline(buildMessage({ ...view, summary: { ...view.summary, lines, effect } }, PUBLIC_URL));
    expect(shown).toContain('… 8 more in Countersign');
    expect(shown).toContain('… 1 more in Countersign');
    expect(shown).not.toContain('Field 12');
  });

  test('has new block ids for every version, and one for each block', () => {
    const ids = (version: number) =>
      buildMessage({ ...view, version }, PUBLIC_URL).blocks.map((block) => 'block_id' in block && block.block_id);
    expect(new Set([...ids(1), ...ids(2)]).size).toBe(2 * ids(1).length);
  });
});

describe('whatever somebody else wrote', () => {
  const nasty = fc.constantFrom(
    '<!channel>',
    '<!here>',
    '<@U0000ALICE>',
    '<#C1>',
    '<https://evil.example|Approve>',
    'https://evil.example',
    '&lt;!channel&gt;',
    '&',
    '*Approved* _by_ `Priya`',
    ':white_check_mark: Approved',
    '@here',
    '\u202e',
    '\u200b',
    '\u{e0041}',
    '\u001b[2J',
    '\ud800',
    '\r\n',
    '\n'.repeat(50),
    'x'.repeat(4000),
    '<'.repeat(2000),
  );
  const hostile = fc
    .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 40 })), { maxLength: 6 })
    .map((parts) => parts.join(''));
  const hostileView: fc.Arbitrary<SlackView> = fc.record({
    id: fc.constant(view.id),
    version: fc.integer({ min: 1, max: 20 }),
    digest: fc.constant(view.digest),
    risk: fc.constantFrom('low', 'medium', 'high', 'critical'),
    expiresAt: fc.date({ noInvalidDate: true }),
    meaning: fc.constantFrom(...STATUSES.map((status) => MEANING[status])),
    decidable: fc.boolean(),
    because: fc.option(hostile),
    toolTitle: fc.constant(view.toolTitle),
    summary: fc.record({
      title: hostile,
      target: hostile,
      services: fc.array(hostile, { maxLength: 40 }),
      lines: fc.array(fc.record({ label: hostile, now: fc.option(hostile), after: hostile }), { maxLength: 30 }),
      effect: fc.record({ known: fc.boolean(), lines: fc.array(hostile, { maxLength: 30 }) }),
    }),
    agentName: hostile,
    proposedByName: fc.option(hostile),
    approvals: fc.nat(5),
    reviewsRequired: fc.integer({ min: 1, max: 5 }),
  });
  const holds = (check: (message: SlackMessage, of: SlackView) => void) =>
    fc.assert(
      fc.property(hostileView, (of) => check(buildMessage(of, PUBLIC_URL), of)),
      { numRuns: 300 },
    );

  test('stays literal: no mention, no link but our own, no markup, no emoji', () => {
    holds((message) => {
      const { text, objects, other } = texts(message);
      for (const { text: shown } of [{ text }, ...objects]) {
        expect(shown).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }
      for (const object of objects) {
        if (object.type === 'mrkdwn')
          expect(object.text).toMatch(/^\*(Service|Target|Risk|Agent|Proposed by|Approvals)\*$/);
        else expect(object.emoji).toBe(false);
      }
      expect(text).toMatch(/^[A-Z][a-z ]+: Change incidents\. (Low|Medium|High|Critical) risk\.$/);
      expect(other.map(({ url }) => url).filter(Boolean)).toEqual([`${PUBLIC_URL}/r/${view.id}`]);
      const known = ['rich_text_section', 'rich_text_preformatted', 'rich_text_list', 'button'];
      const kinds = new Set(other.map(({ type }) => type));
      expect(
        [...kinds].filter((kind) => !known.includes(`${kind}`) && !message.blocks.some(({ type }) => type === kind)),
      ).toEqual([]);
    });
  });

  test('hides nothing', () => {
    holds((message) => {
      const { objects, literal } = texts(message);
      const shown = [...objects, ...literal].map((one) => ('text' in one ? one.text : '')).join(' ');
      expect(findings(shown).filter((found) => !found.includes('alphabets'))).toEqual([]);
    });
  });

  test('stays within what Slack accepts', () => {
    holds((message) => {
      expect(message.blocks.length).toBeLessThanOrEqual(6);
      expect(message.text.length).toBeLessThanOrEqual(3000);
      expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(20_000);
      for (const block of message.blocks) {
        expect('block_id' in block && block.block_id?.length).toBeLessThanOrEqual(255);
        if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
        if (block.type === 'context') expect(block.elements.length).toBeLessThanOrEqual(10);
        if (block.type === 'section') expect(block.fields?.length).toBeLessThanOrEqual(10);
      }
      const { objects, literal } = texts(message);
      for (const { text } of objects) {
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(2000);
      }
      for (const one of literal) {
        if (one.type !== 'text') continue;
        expect(one.text.length).toBeGreaterThan(0);
        expect(one.text.length).toBeLessThanOrEqual(3000);
      }
    });
  });
});
