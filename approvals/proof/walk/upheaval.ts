import { eq, sql } from 'drizzle-orm';
import { agents, people } from '#db/schema.ts';
import { people as cast, escalationPolicies, services } from '#pagerduty/fake/company.ts';
import type { Action } from '../model/actions.ts';
import { type Amounts, INCIDENTS, type Walk } from './course.ts';
import { REVIEWERS } from './stage.ts';

/** As if Countersign had been updated since: what is open was held by an older version of its tool. */
export async function upgrade(walk: Walk): Promise<void> {
  const { db, agentId } = walk.real;
  await db.transaction(async (tx) => {
    // The triggers that keep this column from ever changing stand aside for this one transaction.
    await tx.execute(sql`set local session_replication_role = replica`);
    await tx.execute(sql`update approval_requests set tool_version = tool_version - 1 where agent_id = ${agentId}`);
  });
}

export async function changeWorld(walk: Walk, action: Extract<Action, { do: 'change' }>): Promise<Amounts> {
  if (action.what === 'upgraded') {
    await upgrade(walk);
    return [action];
  }
  const service = walk.services.shift();
  if (service === undefined || action.what === 'stricter') return null;
  // Every tool minds when its incident is on another service.
  walk.real.fake.change((state) => {
    for (const incident of state.incidents) if (INCIDENTS.includes(incident.id)) incident.serviceId = service;
  });
  return [action];
}

export async function revoke(walk: Walk, action: Extract<Action, { do: 'revoke' }>, variant: number): Promise<Amounts> {
  const { real } = walk;
  const name = REVIEWERS[action.by] ?? 'priya';
  // A claim asks once more whether its approvers are switched off, which the model leaves to the first asking.
  const claiming = walk.hands.some((hand) => hand.at === 'checked');
  if (variant % 2 === 0 && !claiming) {
    await real.db.update(people).set({ active: false }).where(eq(people.id, real.ids[name]));
    return [action];
  }
  // Off call in PagerDuty: the store learns of it when it reads again.
  real.fake.change((state) => {
    const policy = state.escalationPolicies.find(({ id }) => id === escalationPolicies.checkout.id);
    const rule = policy?.rules[action.by];
    if (rule) rule.targets = [{ type: 'user_reference', id: cast.dana.id }];
  });
  return [action];
}

export async function switchOff(walk: Walk): Promise<Amounts> {
  const { db, clock, agentId } = walk.real;
  await db
    .update(agents)
    .set({ disabledAt: sql`${clock.now()}` })
    .where(eq(agents.id, agentId));
  return [{ do: 'switch off', whom: 'agent' }];
}

export const FRESH_SERVICES = [services.tracking.id, services.mailer.id, services.warehouse.id];
