import type { types } from '@slack/bolt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DENY_REASONS } from '#approvals/deny-reasons.ts';
import { STATUSES } from '#approvals/lifecycle.ts';
import type { SlackView } from '#approvals/views/slack-view.ts';
import { validateView } from '../fake/blocks/schema.ts';
import { activeIn, dangersIn, excessIn, outline, saidIn } from '../testing/reading.ts';
import {
  hostileQueue,
  hostileText,
  hostileView,
  PRIYA,
  PUBLIC_URL,
  queueItem,
  RISK_LEVELS,
  view,
  viewOf,
} from '../testing/requests.ts';
import { ACTIONS, readPointer, VIEWS } from './actions.ts';
import { denyModal, doneModal, handoverModal, linkModal, queueModal, refusalModal, reviewModal } from './modals.ts';

const URL = `${PUBLIC_URL}/step-up/csh_0123456789`;
const QUEUE = { waiting: [queueItem(1), queueItem(2, 'high')], forOthers: 1 };

const inputs = ({ blocks }: types.ModalView) =>
  (blocks as types.KnownBlock[]).flatMap((block) => (block.type === 'input' ? [block] : []));
const actionsIn = (modal: types.ModalView) =>
  saidIn(modal).flatMap(({ key, text }) => (key === 'action_id' ? [text] : []));
const urls = (modal: types.ModalView) => saidIn(modal).flatMap(({ key, text }) => (key === 'url' ? [text] : []));

const pointsAt = (of: SlackView) => ({ requestId: of.id, version: of.version, digest: of.digest });

describe('the modal to deny', () => {
  test('shows what is denied and asks why', () => {
    expect(denyModal(view)).toMatchSnapshot();
    expect(outline(denyModal(view))).toMatchSnapshot();
  });

  test('needs no answer, and offers the words that the agent will see', () => {
    const [reason, note] = inputs(denyModal(view));
    expect([reason?.block_id, reason?.element.action_id, reason?.optional]).toEqual(['reason', 'reason', true]);
    expect([note?.block_id, note?.element.action_id, note?.optional]).toEqual(['note', 'note', true]);
    const options = reason?.element.type === 'static_select' ? (reason.element.options ?? []) : [];
    expect(options.map(({ value }) => value)).toEqual([...DENY_REASONS]);
    expect(options.map(({ text }) => text.text)).toEqual([...DENY_REASONS]);
    expect(note?.element).toMatchObject({ type: 'plain_text_input', multiline: true, max_length: 400 });
    expect(note?.hint?.text).toBe('The agent sees this text.');
  });

  test('knows what it denies', () => {
    const of = { ...view, version: 5 };
    expect(denyModal(of).callback_id).toBe(VIEWS.deny);
    expect(readPointer(denyModal(of).private_metadata)).toEqual(pointsAt(of));
  });
});

describe('the modal to review', () => {
  test.each(RISK_LEVELS)('shows everything to decide by at %s risk', (risk) => {
    expect(outline(reviewModal(viewOf('pending', risk)))).toMatchSnapshot();
  });

  test('approves where Slack is enough, else leads to the web and says why', () => {
    for (const risk of RISK_LEVELS) {
      const of = viewOf('pending', risk);
      const modal = reviewModal(of);
      expect(modal.submit?.text).toBe(of.webOnly ? 'Continue on the web' : 'Approve');
      expect(modal.blocks.filter(({ type }) => type === 'alert')).toHaveLength(of.webOnly ? 1 : 0);
    }
    expect(outline(reviewModal(viewOf('pending', 'high')))).toContain('! High risk: it is approved on the web');
  });

  test('knows what it is about', () => {
    const of = { ...view, version: 5 };
    expect(reviewModal(of).callback_id).toBe(VIEWS.review);
    expect(readPointer(reviewModal(of).private_metadata)).toEqual(pointsAt(of));
  });

  test('has nothing to submit when it can no longer be decided', () => {
    const modal = reviewModal(viewOf('expired', 'high'));
    expect(modal.submit).toBeUndefined();
    expect(outline(modal)).not.toContain('! ');
    expect(outline(modal)).toContain('Time ran out. It was not sent.');
  });

  test('tells no reasons for a risk that has none', () => {
    expect(outline(reviewModal({ ...view, riskReasons: [] }))).not.toContain('because');
  });
});

describe('a modal that leads to the web', () => {
  test('to decide is one button, for whom and how long it works, and the digest', () => {
    const modal = handoverModal(viewOf('pending', 'high'), URL);
    expect(outline(modal)).toMatchSnapshot();
    expect(outline(modal)).toContain(`sha256:${view.digest}`);
    expect(urls(modal)).toEqual([URL]);
    expect(actionsIn(modal)).toEqual([ACTIONS.open]);
    expect(modal.submit).toBeUndefined();
  });

  test('to link an account is one button that asks for no second link', () => {
    const modal = linkModal({ url: URL, linkedTo: null });
    expect(outline(modal)).toMatchSnapshot();
    expect(urls(modal)).toEqual([URL]);
    expect(actionsIn(modal)).toEqual([ACTIONS.open]);
    expect(modal.submit).toBeUndefined();
  });
});

test('a modal with a sentence shows it literally', () => {
  const sentence = 'You may not: <!channel> Priya Raman is on call.';
  for (const modal of [refusalModal(sentence), doneModal(sentence)]) {
    expect(outline(modal)).toMatchSnapshot();
    expect(dangersIn(modal)).toEqual([]);
    expect(modal.submit).toBeUndefined();
  }
});

test('the modal of the queue shows what waits', () => {
  expect(queueModal(QUEUE, PUBLIC_URL).callback_id).toBe(VIEWS.queue);
  expect(outline(queueModal(QUEUE, PUBLIC_URL))).toMatchSnapshot();
});

const about = (of: SlackView) => [denyModal(of), reviewModal(of), handoverModal(of, URL)];

test('every modal is one that Slack takes', () => {
  const others = [
    linkModal({ url: URL, linkedTo: 'Priya Raman' }),
    refusalModal('No.'),
    doneModal('Yes.'),
    queueModal(QUEUE, PUBLIC_URL),
  ];
  for (const modal of others) expect(validateView(modal, 'modal')).toEqual([]);
  for (const status of STATUSES) {
    for (const risk of RISK_LEVELS) {
      for (const modal of about(viewOf(status, risk))) expect(validateView(modal, 'modal')).toEqual([]);
    }
  }
});

test('no modal about a request mentions anybody', () => {
  for (const modal of about({ ...view, summoned: [PRIYA] })) expect(JSON.stringify(modal)).not.toContain('<@');
});

test('whatever somebody else wrote stays literal and bounded in modals', () => {
  fc.assert(
    fc.property(hostileView, hostileText, hostileQueue, (of, sentence, queue) => {
      const modals = [...about(of), refusalModal(sentence), doneModal(sentence), queueModal(queue, PUBLIC_URL)];
      for (const modal of modals) {
        expect(dangersIn(modal)).toEqual([]);
        expect(activeIn(modal)).toEqual([]);
        expect(excessIn(modal)).toEqual([]);
        expect(validateView(modal, 'modal')).toEqual([]);
        expect(modal.blocks.length).toBeLessThanOrEqual(100);
        expect(JSON.stringify(modal).length).toBeLessThanOrEqual(100_000);
      }
    }),
    { numRuns: 60 },
  );
});
