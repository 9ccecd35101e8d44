import 'server-only';
import { notFound } from 'next/navigation';
import type { Context } from '#approvals/context.ts';
import { MEANING, type RequestStatus } from '#approvals/lifecycle.ts';
import { type Live, readLive } from '#approvals/views/live.ts';
import { getDetail, nextFor, type RequestDetail, type RequestListItem } from '#approvals/views/queries.ts';
import { sha256 } from '#db/ids.ts';
import { ApprovalError } from '#process/errors.ts';

/** Everything on the page of one request. */
export interface Card {
  detail: RequestDetail;
  /** PagerDuty now; null where it no longer matters, because it was sent or is over. */
  live: Live | null;
  /** Why it would not be sent although it may be approved; null while it would be. */
  drift: string | null;
  /** What else waits and may be theirs to decide, the most urgent first. */
  next: RequestListItem | null;
  /** Changes with everything a decision depends on, so that buttons can pause when it does. */
  fingerprint: string;
}

const isUnsent = (status: RequestStatus) => MEANING[status].phase !== 'over' && MEANING[status].ran === false;

/** What PagerDuty is now says nothing any more about what was sent, or was not. */
async function readUnlessSent(ctx: Context, id: string, sent: Promise<boolean>): Promise<Live | null> {
  return (await sent) ? null : readLive(ctx, id);
}

/** Reads a request for the signed-in person; an id that does not exist is the not-found page. */
export async function loadCard(ctx: Context, id: string): Promise<Card> {
  try {
    const loading = getDetail(ctx, id);
    const sent = loading.then(({ status }) => !isUnsent(status));
    const [detail, live, next] = await Promise.all([loading, readUnlessSent(ctx, id, sent), nextFor(ctx, id)]);
    const drift = isUnsent(detail.status) && live?.known && !live.unchanged.holds ? live.unchanged.because : null;
    const shown = live?.known ? live.summary : null;
    const fingerprint = sha256(JSON.stringify([detail.version, detail.digest, detail.may, shown, drift])).slice(0, 16);
    return { detail, live, drift, next, fingerprint };
  } catch (error) {
    if (error instanceof ApprovalError && error.code === 'not_found') notFound();
    throw error;
  }
}
