import { sql } from 'drizzle-orm';
import { query } from '#db/query.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import type { Ask, Standing } from './ask.ts';
import type { Context } from './context.ts';
import { toolsetArguments } from './toolset-arguments.ts';

/** An ask as far as it is understood. */
interface Asked {
  ask: Ask;
  argumentsDigest: string;
  /** Null when there is no such tool. */
  toolset: Toolset | null;
  /** What its tool made of the arguments; null when it takes them not. */
  input: JsonObject | null;
}

/** An ask that was received, and who asks. */
interface Received extends Standing {
  agentName: string;
  ownerId: string | null;
  actsForId: string | null;
  /** The PagerDuty user in whose name it is asked; null without a link. */
  requesterUserId: string | null;
  /** 0 when a reading was noted, how many were made when those are too many, null when it does not come to one. */
  readings: number | null;
}

/** Finds out all that can be known before PagerDuty is read, and notes the reading if the ask comes to that. */
export async function receive(ctx: Context, agentId: string, asked: Asked): Promise<Received> {
  const { ask, argumentsDigest, toolset, input } = asked;
  const { limits } = ctx;
  const [received] = await query<Received>(
    ctx.db,
    sql`select barred, same_id as "sameId", waiting, readings, agent_name as "agentName", owner_id as "ownerId",
        acts_for_id as "actsForId", requester_user_id as "requesterUserId"
      from receive_ask(agent => ${agentId}, tool => ${ask.tool}, toolset => ${toolset},
        arguments => ${input === null ? null : JSON.stringify(input)}, arguments_digest => ${argumentsDigest},
        key => ${ask.idempotencyKey ?? null}, ${toolsetArguments(ctx)}, most_waiting => ${limits.pendingPerAgent},
        most_readings => ${limits.readsPerMinute}, at => ${ctx.now()})`,
  );
  if (received === undefined) throw new Error('receive_ask gave no row');
  return received;
}
