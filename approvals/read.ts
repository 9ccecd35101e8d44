import { eq, sql } from 'drizzle-orm';
import { query } from '#db/query.ts';
import { agents } from '#db/schema.ts';
import { requireAgent } from '#identity/actor.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { findReadTool } from '#pagerduty/tools/index.ts';
import { toolsetsOf } from '#pagerduty/toolsets.ts';
import { ApprovalError } from '#process/errors.ts';
import { refusedArguments } from './arguments.ts';
import type { Context } from './context.ts';

/** @throws ApprovalError `limit_exceeded` when that many readings were made and not one more was noted. */
export function refuseReadings(made: number): void {
  if (made === 0) return;
  const message = `This agent made PagerDuty be read ${made} times in a minute. Wait a little.`;
  throw new ApprovalError('limit_exceeded', message, { retryAfterSeconds: 30 });
}

/**
 * Runs a read tool for an agent and records that it did; the record is shown on the card of a later write.
 * @throws ApprovalError `invalid` (field, reason, example; or PagerDuty does not know it), `forbidden`,
 *   `limit_exceeded`, `unavailable`.
 */
export async function read(
  ctx: Context,
  input: { tool: string; arguments: Json },
): Promise<{ answer: JsonObject; text: string }> {
  const { agentId } = requireAgent(ctx.actor);
  const agent = await ctx.db.query.agents.findFirst({ where: eq(agents.id, agentId) });
  if (!agent || agent.disabledAt !== null) throw new ApprovalError('forbidden', 'This agent is switched off.');
  const tool = findReadTool(input.tool);
  if (!tool || !toolsetsOf(agent.toolsets, ctx.toolsets).includes(tool.toolset))
    throw new ApprovalError('invalid', `There is no read tool called ${JSON.stringify(input.tool.slice(0, 60))}.`);
  const parsed = tool.input.safeParse(input.arguments ?? {});
  if (!parsed.success) {
    throw new ApprovalError(
      'invalid',
      refusedArguments(`${tool.name} was not run.`, parsed.error.issues, tool.example),
    );
  }
  const [noted] = await query<{ made: number | null }>(
    ctx.db,
    sql`select note_reading(${agentId}, ${tool.name}, ${JSON.stringify(parsed.data)}, ${ctx.now()},
      ${ctx.limits.readsPerMinute}) as made`,
  );
  refuseReadings(noted?.made ?? 0);
  try {
    return await tool.run(ctx.pagerduty, parsed.data);
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    const invalid = error.kind === 'not_found' || error.kind === 'invalid';
    throw new ApprovalError(invalid ? 'invalid' : 'unavailable', `${tool.name}: ${error.message}`, {
      cause: error,
      ...(error.retryAfterSeconds === null ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    });
  }
}
