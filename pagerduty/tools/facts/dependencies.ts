import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { counted } from '../words/wording.ts';

const end = z.object({ id: z.string(), type: z.string().nullish() });

const relationshipsAnswer = z.object({
  relationships: z.array(z.object({ supporting_service: end.nullish(), dependent_service: end.nullish() })).nullish(),
});

export type ServiceKind = 'technical_service' | 'business_service';

/** One service at the other end of a direct dependency. PagerDuty tells no names here. */
export interface ServiceEnd {
  id: string;
  type: string;
}

export interface Dependencies {
  /** What the service needs. */
  dependsOn: ServiceEnd[];
  /** What needs the service. */
  supports: ServiceEnd[];
}

/**
 * The direct dependencies of a service of either kind.
 * @throws PagerDutyError when they cannot be read.
 */
export async function readDependencies(pagerduty: ReadClient, kind: ServiceKind, id: string): Promise<Dependencies> {
  const path = `/service_dependencies/${kind}s/${encodeURIComponent(id)}`;
  const { relationships } = await pagerduty.get(path, relationshipsAnswer);
  const found: Dependencies = { dependsOn: [], supports: [] };
  const endOf = (one: z.infer<typeof end>): ServiceEnd => ({
    id: one.id,
    type: (one.type ?? 'unknown').replace(/_reference$/, ''),
  });
  for (const { supporting_service: supporting, dependent_service: dependent } of relationships ?? []) {
    if (!supporting || !dependent) continue;
    if (supporting.id === id) found.supports.push(endOf(dependent));
    else if (dependent.id === id) found.dependsOn.push(endOf(supporting));
  }
  return found;
}

/** The answer of the two tools that list them. */
export function dependenciesAnswer(id: string, { dependsOn, supports }: Dependencies) {
  const ends = (list: ServiceEnd[]): JsonObject[] => list.map((one) => ({ ...one }));
  return {
    answer: { service_id: id, depends_on: ends(dependsOn), supports: ends(supports) },
    text: `The service depends on ${counted(dependsOn.length, 'service')} and supports ${counted(supports.length, 'service')}.`,
  };
}
