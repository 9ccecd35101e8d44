import { company } from './company.ts';

export const API = 'https://api.pagerduty.com';
export const WEB = `https://${company.subdomain}.pagerduty.com`;

export interface Reference {
  id: string;
  type: string;
  summary: string | null;
  self: string | null;
  html_url: string | null;
}

/** What everything that is referred to has. */
interface Named {
  id: string;
  name: string;
}

/** The records of other domains, of which a reference shows no more than the name. */
export type Names<
  Domain extends 'users' | 'teams' | 'services' | 'escalationPolicies' | 'schedules' | 'shiftSchedules',
> = { readonly [domain in Domain]: readonly Named[] };

/** Kind of object → its collection in API addresses, and in addresses for people where that differs. */
const COLLECTIONS: Record<string, { api: string; web?: string | null }> = {
  user: { api: 'users' },
  team: { api: 'teams' },
  service: { api: 'services', web: 'service-directory' },
  escalation_policy: { api: 'escalation_policies' },
  schedule: { api: 'schedules' },
  schedule_v3: { api: 'v3/schedules', web: 'schedules' },
  priority: { api: 'priorities', web: null },
  incident: { api: 'incidents' },
};

/** `{id, type, summary, self, html_url}`; `type` as asked, e.g. `user` or `user_reference`. */
export function reference(type: string, id: string, summary: string | null): Reference {
  const kind = type.replace(/_reference$/, '');
  const collection = COLLECTIONS[kind] ?? { api: `${kind}s` };
  const web = collection.web === undefined ? collection.api : collection.web;
  return {
    id,
    type,
    summary,
    self: `${API}/${collection.api}/${id}`,
    html_url: web === null ? null : `${WEB}/${web}/${id}`,
  };
}

const nameIn = (records: readonly Named[], id: string) => records.find((record) => record.id === id)?.name ?? null;

export function userReference(state: Names<'users'>, id: string): Reference {
  return reference('user_reference', id, nameIn(state.users, id));
}

export function policyReference(state: Names<'escalationPolicies'>, id: string): Reference {
  return reference('escalation_policy_reference', id, nameIn(state.escalationPolicies, id));
}

export function serviceReference(state: Names<'services'>, id: string): Reference {
  return reference('service_reference', id, nameIn(state.services, id));
}

export function teamReferences(state: Names<'teams'>, ids: string[]): Reference[] {
  return ids.map((id) => reference('team_reference', id, nameIn(state.teams, id)));
}

export function scheduleReference(state: Names<'schedules' | 'shiftSchedules'>, type: string, id: string): Reference {
  return reference(type, id, nameIn([...state.schedules, ...state.shiftSchedules], id));
}
