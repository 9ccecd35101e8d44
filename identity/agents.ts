import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Store } from '#db/clock.ts';
import { newAgentId, newCredentialId, newSecret, sha256 } from '#db/ids.ts';
import { query } from '#db/query.ts';
import { agentCredentials, agents } from '#db/schema.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { toolsetsOf } from '#pagerduty/toolsets.ts';
import { ApprovalError } from '#process/errors.ts';

const named = (name: string) => new ApprovalError('not_found', `There is no agent called "${name}".`);

async function findAgent(ctx: Store, name: string) {
  const agent = await ctx.db.query.agents.findFirst({ where: eq(agents.name, name) });
  if (!agent) throw named(name);
  return agent;
}

/**
 * Makes an agent. Its owner and the person it acts for can never approve what it asks.
 * @throws ApprovalError `invalid` (name), `conflict` (taken).
 */
export async function createAgent(
  ctx: Store,
  input: {
    name: string;
    ownerId: string | null;
    actsForId?: string | null;
    canWrite?: boolean;
    /** Default: those of the installation. */
    toolsets?: readonly Toolset[] | null;
  },
): Promise<{ id: string }> {
  if (!/^[a-z0-9][a-z0-9-]{1,39}$/.test(input.name)) {
    throw new ApprovalError('invalid', 'An agent name has 2 to 40 lower-case letters, digits and dashes.');
  }
  const { name, ownerId, actsForId = null, canWrite = true, toolsets = null } = input;
  const [agent] = await ctx.db
    .insert(agents)
    .values({
      id: newAgentId(),
      name,
      ownerId,
      actsForId,
      canWrite,
      toolsets: toolsets === null ? null : [...toolsets],
    })
    .onConflictDoNothing()
    .returning({ id: agents.id });
  if (!agent) throw new ApprovalError('conflict', `There is an agent called "${name}" already.`);
  return agent;
}

/** Makes a credential for an agent. @returns the bearer token: it is not stored and cannot be shown again. */
export async function issueCredential(ctx: Store, agentName: string): Promise<string> {
  const agent = await findAgent(ctx, agentName);
  const token = newSecret('csa');
  await ctx.db.insert(agentCredentials).values({ id: newCredentialId(), agentId: agent.id, tokenHash: sha256(token) });
  return token;
}

/** Ends every credential of an agent. @returns how many. */
export async function revokeCredentials(ctx: Store, agentName: string): Promise<number> {
  const agent = await findAgent(ctx, agentName);
  const revoked = await ctx.db
    .update(agentCredentials)
    .set({ revokedAt: ctx.now() })
    .where(and(eq(agentCredentials.agentId, agent.id), isNull(agentCredentials.revokedAt)))
    .returning({ id: agentCredentials.id });
  return revoked.length;
}

/** Chooses what an agent may use; null = what the installation offers. Holds for what is not sent yet too. */
export async function chooseToolsets(
  ctx: Store,
  agentName: string,
  toolsets: readonly Toolset[] | null,
): Promise<void> {
  const agent = await findAgent(ctx, agentName);
  const chosen = toolsets === null ? null : [...toolsets];
  await ctx.db.update(agents).set({ toolsets: chosen }).where(eq(agents.id, agent.id));
}

/** Switches an agent off: its credentials are worth nothing from now on. @returns its id. @throws ApprovalError `not_found`. */
export async function disableAgent(ctx: Store, agentName: string): Promise<string> {
  const agent = await findAgent(ctx, agentName);
  await ctx.db.update(agents).set({ disabledAt: ctx.now() }).where(eq(agents.id, agent.id));
  return agent.id;
}

export interface AgentIdentity {
  id: string;
  name: string;
  canWrite: boolean;
  toolsets: Toolset[];
}

interface Credential {
  id: string;
  name: string;
  canWrite: boolean;
  toolsets: string[] | null;
  credentialId: string;
  /** Whether its last use was noted more than a minute ago. */
  stale: boolean;
}

/**
 * The agent a bearer token belongs to; null for anything that is not a live credential of a live agent.
 * When a token is used is noted at most once a minute.
 */
export async function authenticateAgent(
  ctx: Store & { toolsets: readonly Toolset[] | null },
  token: string,
): Promise<AgentIdentity | null> {
  // Unnoticed without `!/^csa_`: nothing else has such a hash. It spares the database the question.
  if (!/^csa_[0-9a-z]{52}$/.test(token)) return null;
  const [found] = await query<Credential>(
    ctx.db,
    sql`select a.id, a.name, a.can_write as "canWrite", a.toolsets, c.id as "credentialId",
        coalesce(c.last_used_at < ${ctx.now()} - interval '1 minute', true) as stale
      from ${agentCredentials} c join ${agents} a on a.id = c.agent_id
      where c.token_hash = ${sha256(token)} and c.revoked_at is null and a.disabled_at is null`,
  );
  if (!found) return null;
  if (found.stale) {
    await ctx.db
      .update(agentCredentials)
      .set({ lastUsedAt: ctx.now() })
      .where(eq(agentCredentials.id, found.credentialId));
  }
  const toolsets = toolsetsOf(found.toolsets, ctx.toolsets);
  return { id: found.id, name: found.name, canWrite: found.canWrite, toolsets };
}

/** Every agent, with what an operator wants to see. */
export async function listAgents(ctx: Store) {
  return ctx.db.select().from(agents).orderBy(asc(agents.name));
}
