import { services } from '../company.ts';
import { instant } from '../ids.ts';
import { reference } from '../references.ts';
import { list, moment } from '../server/query.ts';
import { type Handle, invalid, type Route } from '../server/route.ts';
import { incidentOf } from './incidents.ts';
import { renderIncident } from './render.ts';
import type { Incident, Seen } from './state.ts';

const HALF_A_YEAR_MS = 182 * 86_400_000;
const AROUND_MS = 60 * 60_000;
const MOST_RELATED = 20;

/** Which service needs which, as far as related incidents are explained by it. */
const DEPENDENCIES = [{ dependent: services.checkout.id, supporting: services.payments.id }];

const wantsAll = (query: URLSearchParams) => list(query, 'additional_details')?.includes('incident') ?? false;
const msOf = (incident: Incident) => Date.parse(incident.createdAt);

/** Where titles differ only in figures, they have the same pattern. */
const pattern = (title: string) => title.replace(/\d[\d.,:]*/g, '<*>');

const words = (title: string) => new Set(title.toLowerCase().match(/[a-z]{3,}/g) ?? []);

/** How many words two titles share, in per cent of all their words. */
function likeness(one: string, other: string): number {
  const [a, b] = [words(one), words(other)];
  const all = new Set([...a, ...b]).size;
  return all === 0 ? 0 : Math.round(([...a].filter((word) => b.has(word)).length * 1_000_000) / all) / 10_000;
}

const bare = ({ id, createdAt, title }: Incident) => ({
  id,
  created_at: createdAt,
  self: reference('incident', id, null).self,
  title,
});

const getOutlier: Handle<Seen> = (state, { params, query, now }) => {
  const incident = incidentOf(state, params.id);
  const since = moment(query, 'since') ?? new Date(now.getTime() - HALF_A_YEAR_MS);
  if (now.getTime() - since.getTime() > HALF_A_YEAR_MS + 60_000) throw invalid('since is more than 6 months ago.');
  const mined = pattern(incident.title);
  const there = state.incidents.filter((one) => one.serviceId === incident.serviceId && msOf(one) >= since.getTime());
  const count = there.filter(({ title }) => pattern(title) === mined).length;
  const frequency = there.length === 0 ? 0 : Math.round((count * 100) / there.length) / 100;
  const occurrence = {
    count,
    frequency,
    category: count <= 1 ? 'anomaly' : count <= 3 ? 'rare' : 'frequent',
    since: instant(since),
    until: instant(now),
  };
  const shown = wantsAll(query) ? renderIncident(state, incident, now) : bare(incident);
  return {
    status: 200,
    body: {
      outlier_incident: {
        incident: { ...shown, occurrence },
        incident_template: { id: `PT${incident.number}`, cluster_id: `PG${incident.number}`, mined_text: mined },
      },
    },
  };
};

const listPast: Handle<Seen> = (state, { params, query, now }) => {
  const incident = incidentOf(state, params.id);
  const limit = Number(query.get('limit') ?? 5);
  if (!Number.isInteger(limit) || limit < 1 || limit > 999) throw invalid('limit must be between 1 and 999.');
  const past = state.incidents
    .filter(
      (one) =>
        one.id !== incident.id &&
        one.serviceId === incident.serviceId &&
        one.status === 'resolved' &&
        msOf(one) >= now.getTime() - HALF_A_YEAR_MS,
    )
    .map((one) => ({ incident: bare(one), score: likeness(one.title, incident.title) }))
    .sort((a, b) => b.score - a.score);
  const total = query.get('total') === 'true' ? past.length : null;
  return { status: 200, body: { past_incidents: past.slice(0, limit), total, limit } };
};

function relationships(incident: Incident, other: Incident) {
  const found = [];
  if (incident.escalationPolicyId === other.escalationPolicyId) {
    found.push({
      type: 'machine_learning_inferred',
      metadata: {
        grouping_classification: 'similar_contents',
        user_feedback: { positive_feedback_count: 2, negative_feedback_count: 0 },
      },
    });
  }
  const both = [incident.serviceId, other.serviceId];
  for (const { dependent, supporting } of DEPENDENCIES) {
    if (!both.includes(dependent) || !both.includes(supporting)) continue;
    const service = (id: string) => [{ ...reference('service', id, null), type: 'technical_service_reference' }];
    found.push({
      type: 'service_dependency',
      metadata: { dependent_services: service(dependent), supporting_services: service(supporting) },
    });
  }
  return found;
}

const isRelated = (incident: Incident, other: Incident) =>
  other.status !== 'resolved' &&
  other.serviceId !== incident.serviceId &&
  Math.abs(msOf(other) - msOf(incident)) <= AROUND_MS;

const listRelated: Handle<Seen> = (state, { params, query, now }) => {
  const incident = incidentOf(state, params.id);
  const related = state.incidents
    .filter((other) => isRelated(incident, other) && relationships(incident, other).length > 0)
    .sort((a, b) => msOf(b) - msOf(a))
    .slice(0, MOST_RELATED)
    .map((other) => ({
      incident: wantsAll(query) ? renderIncident(state, other, now) : bare(other),
      relationships: relationships(incident, other),
    }));
  return { status: 200, body: { related_incidents: related } };
};

const scope = 'incidents.read';

export const incidentInsightRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/incidents/{id}/outlier_incident', scope, handle: getOutlier },
  { method: 'GET', path: '/incidents/{id}/past_incidents', scope, handle: listPast },
  { method: 'GET', path: '/incidents/{id}/related_incidents', scope, handle: listRelated },
];
