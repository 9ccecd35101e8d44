import { eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/connection.ts';
import { agents, approvalRequests, people } from '#db/schema.ts';
import { say, statement } from '#db/statement.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { toolsetsOf } from '#pagerduty/toolsets.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Ask, Submitted } from './ask.ts';
import type { Context } from './context.ts';
import { OPEN } from './lifecycle.ts';
import { noteReading } from './read.ts';

/** How an agent stands towards an ask. */
export interface Standing {
  /** The request an ask attaches to; null = none. */
  sameId: string | null;
  /** Requests of the agent's own that wait for a human. */
  held: number;
  /** False once it is switched off. */
  on: boolean;
}

/** An ask as far as it is understood. */
interface Asked {
  ask: Ask;
  argumentsDigest: string;
  /** What PagerDuty is read for; null when that cannot be told or is not offered here. */
  reads: { toolset: Toolset; input: JsonObject } | null;
}

const { placeholder } = sql;
const open = sql.raw(OPEN.map((status) => `'${status}'`).join());
const own = sql`agent_id = ${placeholder('agentId')}`;

/** The request with the ask's key, or the open one that asks for the same. */
const sameAsk = sql`case when ${placeholder('key')}::text is null
  then (select id from ${approvalRequests} where ${own} and tool = ${placeholder('tool')}
    and arguments_digest = ${placeholder('argumentsDigest')}
    and idempotency_key is null and proposed_by is null and status in (${open}) limit 1)
  else (select id from ${approvalRequests} where ${own} and idempotency_key = ${placeholder('key')}) end`;

/** {@link Standing} as columns, on the agent's own row. */
export const standing = sql`${agents.disabledAt} is null as is_on, ${sameAsk} as same_id,
  (select count(*)::int from ${approvalRequests} where ${own} and status = 'pending' and proposed_by is null) as held`;

/** What {@link standing} leaves open. */
export function askedBy(agentId: string, ask: Ask, argumentsDigest: string) {
  return { agentId, tool: ask.tool, key: ask.idempotencyKey ?? null, argumentsDigest };
}

/** The same, read from a subquery called `standing`. */
export const STOOD: { [Key in keyof Standing]: SQL } = {
  on: sql`standing.is_on`,
  sameId: sql`standing.same_id`,
  held: sql`standing.held`,
};

/** An agent that asks, and what was found and done before PagerDuty is read. */
interface AskingAgent extends Standing {
  id: string;
  name: string;
  ownerId: string | null;
  actsForId: string | null;
  canWrite: boolean;
  toolsets: string[] | null;
  /** The PagerDuty user in whose name it asks; null without a link. */
  requesterUserId: string | null;
  /** 0 when the reading was noted, how many were made when those are too many, null when there is nothing to read. */
  readings: number | null;
}

const { id, name, ownerId, actsForId, canWrite, toolsets } = agents;

// One round trip for all that comes before PagerDuty is read. Whatever leaves the reading unnoted here makes `submit`
// refuse or attach. `offset 0`: each of the three is looked up once, however often it is used.
const ASKING = statement<AskingAgent>(
  'asking_agent',
  {
    ...{ id, name, ownerId, actsForId, canWrite, toolsets, requesterUserId: people.pagerdutyUserId },
    ...STOOD,
    readings: sql`reading.made`,
  },
  (columns, now) => sql`select ${columns} from ${agents}
    left join ${people} on ${people.id} = coalesce(${actsForId}, ${ownerId})
    cross join lateral (select ${standing} offset 0) as standing
    cross join lateral (select case
      when standing.is_on and ${canWrite} and standing.same_id is null
        and standing.held < ${placeholder('pendingPerAgent')}::int
        and ${placeholder('toolset')} = any (coalesce(${toolsets}, ${placeholder('offered')}::text[]))
      then coalesce(${noteReading(now)}, 0) end as made) as reading
    where ${id} = ${placeholder('agentId')}`,
);

/** Who asks, how it stands, and a reading noted if the ask comes to that. @throws ApprovalError `forbidden`. */
export async function loadAgent(ctx: Context, agentId: string, asked: Asked): Promise<AskingAgent> {
  const { ask, argumentsDigest, reads } = asked;
  const given = {
    ...askedBy(agentId, ask, argumentsDigest),
    pendingPerAgent: ctx.limits.pendingPerAgent,
    readsPerMinute: ctx.limits.readsPerMinute,
    toolset: reads?.toolset ?? null,
    offered: toolsetsOf(null, ctx.toolsets),
    arguments: JSON.stringify(reads?.input ?? null),
  };
  const [agent] = await say(ctx.db, ASKING(ctx.now, given));
  if (!agent?.on) throw new ApprovalError('forbidden', 'This agent is switched off.');
  if (!agent.canWrite)
    throw new ApprovalError('forbidden', `This agent may not ask for writes, so not for ${ask.tool}.`);
  return agent;
}

/** The request an ask attaches to. @throws ApprovalError `conflict` when its key was used for another ask. */
export async function attach(
  db: Pick<Database | Transaction, 'query'>,
  sameId: string,
  ask: Ask,
  argumentsDigest: string,
): Promise<Submitted> {
  const request = await db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, sameId) });
  if (request?.tool === ask.tool && request.argumentsDigest === argumentsDigest) return { request, attached: true };
  throw new ApprovalError('conflict', `idempotency_key was used before for another ask (${sameId}). Use a new one.`);
}

export function refuseFlood({ limits }: Pick<Context, 'limits'>, { held }: Standing): void {
  if (held < limits.pendingPerAgent) return;
  const message = `${held} requests of this agent wait for a human already. Wait for a decision, or withdraw one.`;
  throw new ApprovalError('limit_exceeded', message, { retryAfterSeconds: 60 });
}
