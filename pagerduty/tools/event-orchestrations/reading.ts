import { z } from 'zod';
import { orGone, PagerDutyError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { reference, teamAnswer } from '../../schemas.ts';
import { namedFrom, readOnCall } from '../facts/people.ts';
import { readTouched } from '../facts/touched.ts';
import { oneLine } from '../words/wording.ts';
import { touchedIds } from './changes.ts';
import { type RouterBefore, type RouterFacts, routerAnswer, routerFacts } from './router.ts';

const orchestrationAnswer = z.object({
  orchestration: z.object({
    id: z.string(),
    name: z.string().nullish(),
    team: reference.nullish(),
    integrations: z.array(z.object({ label: z.string().nullish() })).nullish(),
  }),
});

const pathOf = (orchestrationId: string) => `/event_orchestrations/${encodeURIComponent(orchestrationId)}`;

export async function readRouter(pagerduty: ReadClient, orchestrationId: string): Promise<JsonObject> {
  return (await pagerduty.get(`${pathOf(orchestrationId)}/router`, routerAnswer)).orchestration_path;
}

/** The router when it is read back; null when there is none any more. */
export function readRouterAgain(pagerduty: ReadClient, orchestrationId: string): Promise<JsonObject | null> {
  return orGone(readRouter(pagerduty, orchestrationId));
}

/** The owner is an extra on the card: without the right to read teams there is none. */
async function readTeam(pagerduty: ReadClient, teamId: string | undefined) {
  if (teamId === undefined) return null;
  try {
    return namedFrom((await pagerduty.get(`/teams/${encodeURIComponent(teamId)}`, teamAnswer)).team);
  } catch (error) {
    if (error instanceof PagerDutyError && error.kind !== 'unauthorized') return null;
    throw error;
  }
}

/**
 * An orchestration with its router, the services it routes to, these further ones, and who is on call for those that
 * a change would touch.
 * @throws PagerDutyError when they cannot be read.
 */
export async function readOrchestration(
  pagerduty: ReadClient,
  orchestrationId: string,
  change: { serviceIds: string[]; after: (router: JsonObject) => RouterFacts },
): Promise<RouterBefore> {
  const [{ orchestration }, router] = await Promise.all([
    pagerduty.get(pathOf(orchestrationId), orchestrationAnswer),
    readRouter(pagerduty, orchestrationId),
  ]);
  const now = routerFacts(router);
  const targets = [...now.rules.flatMap(({ to }) => to ?? []), now.catchAll, ...change.serviceIds];
  const [services, team] = await Promise.all([
    readTouched(
      pagerduty,
      targets.filter((to) => to !== 'unrouted'),
    ),
    readTeam(pagerduty, orchestration.team?.id),
  ]);
  const touched = touchedIds(now, change.after(router));
  const policies = services.flatMap(({ id, policyId }) => (touched.includes(id) ? (policyId ?? []) : []));
  const { id, name } = orchestration;
  return {
    readAt: new Date().toISOString(),
    orchestration: {
      id,
      name: oneLine(name ?? id),
      team,
      integrations: (orchestration.integrations ?? []).map(({ label }) => oneLine(label ?? 'without a name')),
    },
    router,
    services,
    onCall: await readOnCall(pagerduty, { escalationPolicyIds: [...new Set(policies)] }),
  };
}
