import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STATUSES } from '#approvals/lifecycle.ts';
import type { SlackView } from '#approvals/views/slack-view.ts';
import { validateMessage } from '../fake/blocks/schema.ts';
import { activeIn, dangersIn, excessIn, outline, saidIn } from '../testing/reading.ts';
import { BOB, FAITH, hostileView, PRIYA, PUBLIC_URL, RISK_LEVELS, view, viewOf } from '../testing/requests.ts';
import { ACTIONS } from './actions.ts';
import type { SlackMessage } from './message.ts';
import { buildCall, buildFallbackCall, buildNudge, buildOutcome } from './thread.ts';

const nudged = { ...view, summoned: [{ ...PRIYA, nudged: true }, BOB] };
const fallback = { ...view, summoned: [PRIYA, BOB, FAITH] };
const called = (of: Partial<SlackView>) => outline(buildCall({ ...view, ...of }, PUBLIC_URL));
const read = (message: SlackMessage | null) => (message === null ? null : outline(message));
const call = (body: string | null) => ({ ...view.call, body });

const actionsIn = (message: SlackMessage) =>
  saidIn(message.blocks).flatMap(({ key, text }) => (key === 'action_id' ? [text] : []));

describe('the call in the thread', () => {
  test('is told exactly, with its whole digest', () => {
    expect(buildCall(view, PUBLIC_URL)).toMatchSnapshot();
    expect(called({})).toMatchSnapshot();
  });

  test('without a body is its method and path', () => {
    expect(called({ call: call(null) })).toContain('rich\n   | PUT /incidents\n-');
  });

  test('has one line for its method and path, and shows what was hidden', () => {
    const message = called({ call: { method: 'PUT', path: '/a\nDELETE /b', body: '"\u202e"' } });
    expect(message).toContain('   | PUT /a DELETE /b\n   | "\\u{202e}"\n-');
  });

  test('that is too long says where all of it is', () => {
    const all = 'All of it is in Countersign.';
    expect(called({ call: call('x'.repeat(2700)) })).not.toContain(all);
    for (const body of ['x'.repeat(2900), '😀'.repeat(2000), '1\n'.repeat(50)]) {
      const message = buildCall({ ...view, call: call(body) }, PUBLIC_URL);
      expect(outline(message)).toContain(all);
      expect(excessIn(message)).toEqual([]);
    }
  });

  test('offers nothing to decide', () => {
    expect(actionsIn(buildCall(view, PUBLIC_URL))).toEqual([ACTIONS.open]);
  });
});

describe('the outcome in the thread', () => {
  test.each(STATUSES)('of what is %s is told in words, or not yet', (status) => {
    expect(read(buildOutcome(viewOf(status), PUBLIC_URL))).toMatchSnapshot();
  });

  test('waits until something has come of it', () => {
    const told = STATUSES.filter((status) => buildOutcome(viewOf(status), PUBLIC_URL) !== null);
    const waiting = STATUSES.filter((status) => !told.includes(status));
    expect(waiting).toEqual(['pending', 'approved', 'executing']);
  });

  test('that is not known is not told as a failure, and nobody is offered to send it again', () => {
    const message = buildOutcome(viewOf('unknown'), PUBLIC_URL);
    expect(read(message)).toContain('It may or may not have been applied');
    expect(read(message)).not.toMatch(/failed|nothing changed|retry|again/i);
    expect(message === null ? [] : actionsIn(message)).toEqual([ACTIONS.open]);
  });
});

describe('the fallback group', () => {
  test('is called when it was asked and nobody has answered', () => {
    expect(buildFallbackCall(fallback)).toMatchSnapshot();
    expect(buildFallbackCall(fallback)?.text).toBe(
      'Nobody on call has answered yet. Waiting for approval: Change incidents. Medium risk.',
    );
  });

  test('is named where Slack does not know it, and to a low risk', () => {
    const unknown = buildFallbackCall({ ...view, summoned: [{ ...FAITH, slackUserId: null }] });
    expect(read(unknown)).toContain('= This went to the fallback group.\n= In the fallback group: Faith Okoro');
    expect(read(buildFallbackCall({ ...fallback, risk: 'low' }))).not.toContain('<@');
  });

  test('is told what is missing when somebody has answered', () => {
    const approvals = [{ ...PRIYA, at: view.expiresAt }];
    const half = buildFallbackCall({ ...fallback, approvals, reviewsRequired: 2 });
    expect(read(half)).toContain('= 1 approval is still needed. <@W0000FAITH>, please decide.');
  });

  test('is left alone otherwise', () => {
    expect(buildFallbackCall(view)).toBeNull();
    expect(buildFallbackCall({ ...fallback, decidable: false })).toBeNull();
    expect(buildFallbackCall({ ...view, summoned: [{ ...FAITH, handedTo: '' }] })).toBeNull();
  });
});

describe('a reminder', () => {
  test('says until when', () => {
    expect(buildNudge(nudged, 'p1')).toMatchSnapshot();
  });

  test('goes only to whom it still waits for', () => {
    expect(buildNudge(nudged, 'p2')).toBeNull();
    expect(buildNudge(nudged, 'p9')).toBeNull();
    expect(buildNudge({ ...nudged, decidable: false }, 'p1')).toBeNull();
    expect(buildNudge({ ...nudged, summoned: [{ ...PRIYA, nudged: true, handedTo: 'Bob' }] }, 'p1')).toBeNull();
    expect(buildNudge({ ...nudged, approvals: [{ ...PRIYA, at: view.expiresAt }] }, 'p1')).toBeNull();
  });
});

const everything = (of: SlackView) => {
  const all = [buildCall(of, PUBLIC_URL), buildOutcome(of, PUBLIC_URL), buildFallbackCall(of), buildNudge(of, 'p1')];
  return all.filter((message) => message !== null);
};

test('every reply is one that Slack takes', () => {
  for (const status of STATUSES) {
    for (const risk of RISK_LEVELS) {
      const of = { ...viewOf(status, risk), summoned: [...nudged.summoned, FAITH] };
      for (const message of everything(of)) expect(validateMessage(message)).toEqual([]);
    }
  }
});

test('a reply has block ids of its version, and tells which request it is of', () => {
  for (const { blocks, metadata } of everything({ ...nudged, ...viewOf('denied'), version: 9 })) {
    for (const { block_id: id } of blocks) expect(id).toMatch(/:9$/);
    expect(metadata?.event_payload).toEqual({ request_id: view.id, version: 9, status: 'denied' });
  }
});

test('whatever somebody else wrote stays literal and bounded in replies', () => {
  const lead = String.raw`(Nobody on call has answered yet\. |This went to the fallback group\. |-?\d+ approvals? (is|are) still needed\. )?`;
  const ours = new RegExp(`^${lead}[A-Z][a-z ]+: Change incidents\\.( (Low|Medium|High|Critical) risk\\.)?$`);
  fc.assert(
    fc.property(hostileView, (of) => {
      for (const message of everything(of)) {
        expect(dangersIn(message)).toEqual([]);
        expect(activeIn(message)).toEqual([]);
        expect(excessIn(message)).toEqual([]);
        expect(validateMessage(message)).toEqual([]);
        expect(message.text).toMatch(ours);
        expect(outline(message).split('\n').length).toBeLessThanOrEqual(60);
      }
    }),
    { numRuns: 60 },
  );
});
