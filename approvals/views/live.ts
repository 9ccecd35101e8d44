import { eq } from 'drizzle-orm';
import { approvalRequests } from '#db/schema.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import { stillHolds } from '#pagerduty/tools/evidence/watching.ts';
import type { Summary, Verdict } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context } from '../context.ts';
import { reopen } from '../stored.ts';

/** PagerDuty as it is now, beside what was held; or why it could not be read. */
export type Live =
  | { known: true; asOf: Date; summary: Summary; unchanged: Verdict }
  | { known: false; because: string };

/**
 * Reads what a request touches from PagerDuty, now.
 * @throws ApprovalError `not_found`.
 */
export async function readLive(ctx: Context, requestId: string): Promise<Live> {
  const row = await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, requestId) });
  if (!row) throw new ApprovalError('not_found', 'There is no such request.');
  const stored = reopen(row);
  if ('because' in stored) return { known: false, because: stored.because };
  const { tool, input, before } = stored;
  try {
    const now = await tool.read(ctx.pagerduty, input);
    return {
      known: true,
      asOf: new Date(),
      summary: tool.summarize(input, now),
      unchanged: stillHolds(tool, input, before, now),
    };
  } catch (error) {
    if (error instanceof PagerDutyError) return { known: false, because: error.message };
    throw error;
  }
}
