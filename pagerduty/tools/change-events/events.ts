import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { Query } from '../../read-client.ts';
import { reference } from '../../schemas.ts';
import { ids, limit, offset, optional, since, until } from '../input/parameters.ts';
import { block, line, ref, refs } from '../words/answers.ts';

const text = z.string().nullish();

/** PagerDuty also sends the key by which such events come in, and pictures; neither is read. */
export const changeEvent = z.object({
  // Its own example of one event has no id.
  id: text,
  summary: text,
  timestamp: text,
  source: text,
  services: z.array(reference).nullish(),
  integration: reference.nullish(),
  links: z.array(z.object({ href: text, text })).nullish(),
  custom_details: z.unknown().optional(),
});
export type PagerDutyChangeEvent = z.infer<typeof changeEvent>;

export const relatedChangeEvent = changeEvent.extend({ correlation_reason: z.object({ reason: text }).nullish() });

const detailsText = (details: unknown) =>
  details === undefined || details === null
    ? null
    : block(typeof details === 'string' ? details : JSON.stringify(details));

/** What an agent sees of a change event. */
export function changeEventFields(event: PagerDutyChangeEvent): JsonObject {
  return {
    id: event.id ?? null,
    summary: line(event.summary),
    timestamp: event.timestamp ?? null,
    source: line(event.source),
    services: refs(event.services),
    integration: ref(event.integration),
    details: detailsText(event.custom_details),
    links: (event.links ?? []).map(({ href, text: label }) => ({ text: line(label), href: line(href) })),
  };
}

/** The filters that both lists of change events take. */
export const filters = {
  since,
  until,
  limit,
  offset,
  total: optional(z.boolean()).describe('Changes nothing.'),
  team_ids: ids('team'),
  integration_ids: ids('integration'),
};

/** PagerDuty refuses every other form for change events. */
const utc = (instant: string | undefined) =>
  instant === undefined ? undefined : `${new Date(instant).toISOString().slice(0, 19)}Z`;

export interface Filters {
  since?: string | undefined;
  until?: string | undefined;
  team_ids?: string[] | undefined;
  integration_ids?: string[] | undefined;
}

export const queryOf = (asked: Filters): Query => ({
  since: utc(asked.since),
  until: utc(asked.until),
  team_ids: asked.team_ids,
  integration_ids: asked.integration_ids,
});
