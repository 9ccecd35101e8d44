import type { Risk } from '#db/schema.ts';
import { ARRIVES_WITHIN_SECONDS } from '#pagerduty/tools/evidence/clocks.ts';

/** Every number the life of a request depends on, with its unit. A process may be started with others. */
export const LIMITS = {
  /** Canonical arguments of one ask. */
  argumentsBytes: 32 * 1024,
  /** Held requests of one agent at a time. */
  pendingPerAgent: 20,
  /** Readings of PagerDuty that one agent may cause, by reads and by asks. */
  readsPerMinute: 240,
  /** The agent's own words on the card. */
  reasonCharacters: 600,
  idempotencyKeyCharacters: 128,
  /** Levels of an escalation policy whose people may review. */
  reviewerLevels: 2,
  /** How old an on-call reading may be when somebody decides; at the claim it is always read afresh. */
  onCallMaxAgeSeconds: 60,
  /** How often the worker reads who is on call for what waits. Well below the age that counts. */
  onCallRefreshSeconds: 20,
  /** How old a reading of what a request touches may be when somebody approves it; at the claim it is read afresh. */
  touchedMaxAgeSeconds: 60,
  /** How often the worker reads that for everything that waits, and for how many requests at a time. */
  touchedRefreshSeconds: 20,
  touchedAtOnce: 40,
  /** From a click in Slack to the decision on the web. */
  handoverSeconds: 300,
  /** From asking for a link to one's Slack user to confirming it. */
  slackLinkSeconds: 600,
  /** After which a linked Slack user is looked at again, and after which one that could not be looked at may do nothing. */
  slackRecheckSeconds: 24 * 3600,
  slackTrustSeconds: 72 * 3600,
  /** What one place outside may be sent: so many within any so many seconds. Slack allows one a second and short bursts. */
  deliveriesAtOnce: 3,
  deliverySeconds: 3.6,
  /** More new messages in one place within so many seconds are told of in one. */
  floodPosts: 5,
  floodSeconds: 60,
  /** From the last review that was needed to the claim. */
  approvalValidSeconds: 300,
  /** From the claim to the first byte; later nothing is sent. */
  sendWithinSeconds: 20,
  /** For the HTTP exchange with PagerDuty. */
  callTimeoutSeconds: 30,
  /** After the two above, until a silent worker is taken for dead. */
  deathMarginSeconds: 10,
  /** From losing track of a call to the first reading that may say "not applied". */
  settleWindowSeconds: ARRIVES_WITHIN_SECONDS,
  /** Between two readings of PagerDuty that could not tell. */
  settleAgainSeconds: 60,
  /** A waiting request whose agent never got its handle is withdrawn after this. */
  orphanSeconds: 120,
  /** How long one worker keeps a request it looks at. */
  leaseSeconds: 15,
  /** Until an approved request that could not be claimed yet is looked at again. */
  claimAgainSeconds: 1,
} as const;

export type Limits = { readonly [Name in keyof typeof LIMITS]: number };

/** How many people must approve, and how long they have. */
export const TERMS: Record<Risk, { reviewsRequired: number; reviewWindowSeconds: number }> = {
  low: { reviewsRequired: 1, reviewWindowSeconds: 8 * 3600 },
  medium: { reviewsRequired: 1, reviewWindowSeconds: 30 * 60 },
  high: { reviewsRequired: 1, reviewWindowSeconds: 15 * 60 },
  critical: { reviewsRequired: 2, reviewWindowSeconds: 15 * 60 },
};

/** In the place of a level: the fallback group. */
export const FALLBACK = 0;

/** Who is summoned to decide, and when: seconds after the request was held. Low risk waits in the queue. */
export const ROUTES: Record<Risk, readonly { level: number; afterSeconds: number }[]> = {
  low: [],
  medium: [
    { level: 1, afterSeconds: 0 },
    { level: 2, afterSeconds: 300 },
    { level: FALLBACK, afterSeconds: 600 },
  ],
  high: [
    { level: 1, afterSeconds: 0 },
    { level: 2, afterSeconds: 180 },
    { level: FALLBACK, afterSeconds: 360 },
  ],
  critical: [
    { level: 1, afterSeconds: 0 },
    { level: 2, afterSeconds: 180 },
    { level: FALLBACK, afterSeconds: 360 },
  ],
};
