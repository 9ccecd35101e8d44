import { type RequestStatus, requestStatus } from '#db/schema.ts';

export type { RequestStatus } from '#db/schema.ts';

/** Which status may follow which. Nothing else compiles, and SQL repeats `from` in every UPDATE. */
const MOVES = {
  blocked: [],
  pending: ['approved', 'denied', 'expired', 'cancelled', 'stale'],
  approved: ['executing', 'denied', 'expired', 'cancelled', 'stale'],
  executing: ['succeeded', 'failed', 'unknown'],
  succeeded: [],
  failed: [],
  unknown: ['succeeded', 'failed'],
  denied: [],
  expired: [],
  cancelled: [],
  stale: [],
} as const satisfies Record<RequestStatus, readonly RequestStatus[]>;

export type Following<From extends RequestStatus> = (typeof MOVES)[From][number];

export const STATUSES = requestStatus.enumValues;

/** The statuses that may follow; for the model and the docs. */
export function following(status: RequestStatus): readonly RequestStatus[] {
  return MOVES[status];
}

export function isFinal(status: RequestStatus): boolean {
  return MOVES[status].length === 0;
}

/** Statuses that an identical ask attaches to instead of making a second request. */
export const OPEN = STATUSES.filter((status) => !isFinal(status));

/** Where in its life a request is: waits for people, is about to be or being sent, may or may not have happened, done. */
export type Phase = 'waiting' | 'under way' | 'unclear' | 'over';

/** What a status means, in words for humans and agents; `ran` is null where nobody knows. */
export const MEANING: Record<RequestStatus, { phase: Phase; word: string; ran: boolean | null; sentence: string }> = {
  blocked: { phase: 'over', word: 'Blocked', ran: false, sentence: 'Policy refused it. It was not sent to PagerDuty.' },
  pending: {
    phase: 'waiting',
    word: 'Waiting for approval',
    ran: false,
    sentence: 'It waits for a human. It has not been sent.',
  },
  approved: { phase: 'under way', word: 'Approved', ran: false, sentence: 'It is approved and about to be sent.' },
  executing: { phase: 'under way', word: 'Executing', ran: null, sentence: 'It is being sent to PagerDuty right now.' },
  succeeded: { phase: 'over', word: 'Succeeded', ran: true, sentence: 'PagerDuty applied it.' },
  failed: { phase: 'over', word: 'Failed', ran: false, sentence: 'PagerDuty did not apply it. Nothing changed.' },
  unknown: {
    phase: 'unclear',
    word: 'Outcome unknown',
    ran: null,
    sentence: 'It was sent, but it is not known whether PagerDuty applied it.',
  },
  denied: { phase: 'over', word: 'Denied', ran: false, sentence: 'A human said no. It was not sent.' },
  expired: { phase: 'over', word: 'Expired', ran: false, sentence: 'Time ran out. It was not sent.' },
  cancelled: { phase: 'over', word: 'Cancelled', ran: false, sentence: 'It was withdrawn. It was not sent.' },
  stale: {
    phase: 'over',
    word: 'Stale',
    ran: false,
    sentence: 'The world changed after it was shown. It was not sent.',
  },
};

export type Permission = { allowed: true } | { allowed: false; because: string };

function permit(allowed: readonly RequestStatus[], act: string) {
  return (status: RequestStatus): Permission =>
    allowed.includes(status)
      ? { allowed: true }
      : { allowed: false, because: `It cannot be ${act}: its status is "${MEANING[status].word}".` };
}

/** What may still be done in a status, with the refusing sentence. */
export const can = {
  approve: permit(['pending'], 'approved'),
  deny: permit(['pending', 'approved'], 'denied'),
  cancel: permit(['pending', 'approved'], 'withdrawn'),
  settle: permit(['unknown'], 'settled'),
};
