import fc from 'fast-check';
import { isFinal, MEANING, type RequestStatus, STATUSES } from '#approvals/lifecycle.ts';
import { isWebOnly } from '#approvals/policy.ts';
import type { SlackQueue, SlackQueueItem } from '#approvals/views/slack-queue.ts';
import type { SlackSummons, SlackView } from '#approvals/views/slack-view.ts';
import { visible } from '#pagerduty/visible-text.ts';

/** Requests as Slack's messages see them: a good one, one of every status and risk, and as hostile as they come. */

export const PUBLIC_URL = 'https://countersign.example.com';

const summons = (personId: string, name: string, slackUserId: string | null, level: number): SlackSummons => ({
  ...{ personId, name, slackUserId, level },
  nudged: false,
  handedTo: null,
});

export const PRIYA = summons('p1', 'Priya Raman', 'U0000PRIYA', 1);
export const BOB = summons('p2', 'Bob <Byrne>', null, 2);
export const FAITH = summons('p3', 'Faith Okoro', 'W0000FAITH', 0);

const says = 'Error rate is back to 0.1% for 20 min.\n<!channel> please *approve*';

/** What follows from the status and the risk, as `getForSlack` has it. */
const implied = (status: RequestStatus, risk: SlackView['risk']) => ({
  ...{ status, risk },
  meaning: MEANING[status],
  final: isFinal(status),
  decidable: MEANING[status].phase === 'waiting',
  webOnly: isWebOnly(risk),
});

export const view: SlackView = {
  ...implied('pending', 'medium'),
  id: 'apr_0123456789abcdefghjkmnpqrs',
  version: 1,
  digest: '9f2c1d0e5b6a7788'.repeat(4),
  expiresAt: new Date('2026-11-22T14:13:00Z'),
  because: null,
  toolTitle: 'Change incidents',
  summary: {
    title: 'Resolve incident #4822 "Webhooks from <payments> fail & pile up"',
    target: '#4822 Webhooks from <payments> fail & pile up',
    services: ['Payments Gateway'],
    lines: [
      { label: 'Status', now: 'triggered', after: 'resolved' },
      { label: 'Note', now: null, after: 'Fixed by the rollback.\n\nStatus: triggered → triggered' },
    ],
    effect: { known: true, lines: ['Stops paging Priya Raman.', 'Closes 2 alerts.'] },
  },
  riskReasons: ['It stops paging.'],
  agentName: 'triage-bot',
  proposedByName: null,
  agentSays: { text: says, findings: [] },
  findings: ['Mixes alphabets whose letters look alike.'],
  approvals: [],
  reviewsRequired: 1,
  summoned: [PRIYA, BOB],
  call: { method: 'PUT', path: '/incidents', body: '{"incidents":[{"id":"PABC","status":"resolved"}]}' },
};

const BECAUSE: Record<RequestStatus, string | null> = {
  blocked: 'The arguments were refused. Contains invisible tag characters. Send plain text instead.',
  pending: null,
  approved: 'Approved by Priya Raman: looks <good>',
  executing: 'Approved by Priya Raman',
  succeeded: 'PagerDuty applied it.',
  failed: 'PagerDuty answered 400: "Incident <gone>"',
  unknown: 'PagerDuty did not answer within 30 s.',
  denied: 'Denied by Priya Raman: wrong incident,\nsee <https://evil.example|the runbook>',
  expired: 'Nobody decided in time. Nothing was sent.',
  cancelled: 'Replaced by a newer ask for the same thing.',
  stale: 'Incident #4822 is acknowledged by now.',
};

const RAN: readonly RequestStatus[] = ['approved', 'executing', 'succeeded', 'failed', 'unknown'];

export function viewOf(status: RequestStatus, risk: SlackView['risk'] = 'medium'): SlackView {
  const approved = RAN.includes(status) ? [{ ...PRIYA, at: new Date('2026-11-22T14:01:00Z') }] : [];
  return {
    ...view,
    ...implied(status, risk),
    version: 2,
    because: BECAUSE[status],
    approvals: approved,
    summoned: risk === 'low' ? [] : view.summoned,
    reviewsRequired: risk === 'critical' ? 2 : 1,
  };
}

export const queueItem = (number: number, risk: SlackView['risk'] = 'medium'): SlackQueueItem => ({
  id: `apr_${String(number).padStart(26, '0')}`,
  version: 1,
  digest: view.digest,
  risk,
  expiresAt: view.expiresAt,
  toolTitle: view.toolTitle,
  title: view.summary.title,
  services: view.summary.services,
  agentName: view.agentName,
  webOnly: isWebOnly(risk),
});

export const RISK_LEVELS = ['low', 'medium', 'high', 'critical'] as const;

/** In every text of agents, tools and PagerDuty, and in every name: by these they are recognised wherever they end up. */
export const THEIRS = 'zq9zq';
export const NAME = 'nm7nm';

const nasty = fc.constantFrom(
  '<!channel>',
  '<!here>',
  '@here @channel',
  '<@U0000ALICE>',
  '<#C0000GENERAL>',
  '<!subteam^S0000TEAM>',
  '<!date^1^{time}|now>',
  '<https://evil.example|Approve>',
  'https://evil.example',
  '&lt;!channel&gt;',
  '&amp;',
  '&',
  '*Approved by* @Alice',
  '_by_ `Priya` ~no~',
  ':white_check_mark: Approved',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u{e0041}\u{e007f}',
  '\u001b[2J\u001b[31m',
  '\ud800',
  '\udfff',
  '\u0000',
  '\u2028',
  '\r\n',
  '\n\nStatus: triggered → resolved',
  '<'.repeat(2000),
  '&'.repeat(2000),
);

const huge = fc.constantFrom('\n'.repeat(3000), 'x'.repeat(100_000), '😀'.repeat(3000), '\u200b'.repeat(3000));

const marked = (by: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { arbitrary: nasty, weight: 10 },
        { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 10 },
        { arbitrary: huge, weight: 1 },
      ),
      { maxLength: 4 },
    )
    .map((parts) => ['', ...parts].join(by));

const theirs = fc.oneof(marked(THEIRS), fc.constant(''));
const name = fc.oneof(marked(NAME), fc.constant(''));
const slackUserId = fc.option(
  fc.constantFrom('U0000PRIYA', 'W0000FAITH', 'U1', '!channel', 'u0000priya', 'U123|x', ''),
);
const person = { personId: fc.constantFrom('p1', 'p2', 'p3', 'p4'), name, slackUserId };
const found = fc.subarray([
  'Contains control characters.',
  'Contains terminal escape sequences.',
  'Is longer than what is shown.',
]);

export const hostileView: fc.Arbitrary<SlackView> = fc
  .record({
    status: fc.oneof(
      { arbitrary: fc.constant('pending' as const), weight: 2 },
      { arbitrary: fc.constantFrom(...STATUSES), weight: 1 },
    ),
    risk: fc.constantFrom(...RISK_LEVELS),
    version: fc.integer({ min: 1, max: 20 }),
    expiresAt: fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    because: fc.option(theirs),
    summary: fc.record({
      title: theirs,
      target: name,
      services: fc.array(name, { maxLength: 40 }),
      lines: fc.array(fc.record({ label: theirs, now: fc.option(theirs), after: theirs }), { maxLength: 20 }),
      effect: fc.record({ known: fc.boolean(), lines: fc.array(theirs, { maxLength: 12 }) }),
    }),
    riskReasons: fc.array(theirs, { maxLength: 12 }),
    agentName: name,
    proposedByName: fc.option(name),
    agentSays: fc.option(
      fc.record({
        text: fc.oneof(
          theirs,
          theirs.map((text) => visible(text).text),
        ),
        findings: found,
      }),
    ),
    findings: found,
    approvals: fc.array(fc.record({ ...person, at: fc.constant(view.expiresAt) }), { maxLength: 14 }),
    reviewsRequired: fc.integer({ min: 1, max: 3 }),
    summoned: fc.array(
      fc.record({ ...person, level: fc.integer({ min: 0, max: 2 }), nudged: fc.boolean(), handedTo: fc.option(name) }),
      { maxLength: 14 },
    ),
    call: fc.record({ method: fc.constantFrom('POST', 'PUT', 'DELETE'), path: theirs, body: fc.option(theirs) }),
  })
  .map((given) => ({ ...view, ...given, ...implied(given.status, given.risk) }));

export const hostileQueue: fc.Arbitrary<SlackQueue> = fc.record({
  waiting: fc
    .array(
      fc.record({
        risk: fc.constantFrom(...RISK_LEVELS),
        title: theirs,
        services: fc.array(name, { maxLength: 40 }),
        agentName: name,
      }),
      { maxLength: 30 },
    )
    .map((rows) => rows.map(({ risk, ...row }, index) => ({ ...queueItem(index, risk), ...row }))),
  forOthers: fc.nat(200),
});

export const hostileText = theirs;
export const hostileName = name;
