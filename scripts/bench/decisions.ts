import { eq } from 'drizzle-orm';
import { review } from '#approvals/review.ts';
import { submit } from '#approvals/submit.ts';
import { approvalRequests } from '#db/schema.ts';
import { type Figure, inTurn, percentile } from './figures.ts';
import { type Ground, newNote } from './ground.ts';
import type { Sizes } from './sizes.ts';

/** From a human's decision to the first byte at PagerDuty, with one real worker process. */
export async function benchDecisions(ground: Ground, { rounds, decisions }: Sizes): Promise<Figure[]> {
  await ground.worker();
  const fromCommit: number[] = [];

  async function decide(): Promise<number> {
    const { request } = await submit(ground.agent(0), { tool: 'add_note_to_incident', arguments: newNote() });
    const written = ground.nextWrite();
    const clickedAt = performance.now();
    await review(ground.reviewer, { requestId: request.id, decision: 'approve', digest: request.digest });
    const committedAt = performance.now();
    const writtenAt = await written;
    fromCommit.push(writtenAt - committedAt);
    // Until the outcome is recorded, so that the worker is idle when the next decision comes.
    for (;;) {
      const row = await ground.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, request.id) });
      if (row?.finishedAt != null) break;
    }
    return writtenAt - clickedAt;
  }

  const works = { decide, commit: ground.commit };
  await inTurn(Math.floor(decisions / 3), works);
  fromCommit.length = 0;
  const took = await inTurn(rounds * decisions, works);
  const figure = (name: string, measured: number[], share: number, aim?: Figure['aim']): Figure => {
    const against = { name: 'one commit in plain pg', value: percentile(took.commit, share) };
    return { name, value: percentile(measured, share), unit: 'ms', against, aim };
  };
  return [
    figure('decision → first byte, p50', took.decide, 0.5),
    figure('decision → first byte, p95', took.decide, 0.95, { of: 'value', at: 'most', value: 50 }),
    figure('its commit → first byte, p50', fromCommit, 0.5),
    figure('its commit → first byte, p95', fromCommit, 0.95),
  ];
}
