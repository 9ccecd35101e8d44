import { company } from './company.ts';
import type { Agent, EscalationPolicy, Incident, LogEntry, Note, Service, State, Team, User } from './state.ts';

const API = 'https://api.pagerduty.com';
const WEB = `https://${company.subdomain}.pagerduty.com`;

interface Reference {
  id: string;
  type: string;
  summary: string | null;
  self: string | null;
  html_url: string | null;
}

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

const nameIn = (records: { id: string; name: string }[], id: string) =>
  records.find((record) => record.id === id)?.name;

export function userReference(state: State, id: string): Reference {
  return reference('user_reference', id, nameIn(state.users, id) ?? null);
}

export function agentReference(state: State, agent: Agent): Reference {
  const records = agent.type === 'user_reference' ? state.users : state.services;
  return reference(agent.type, agent.id, nameIn(records, agent.id) ?? null);
}

export function policyReference(state: State, id: string): Reference {
  return reference('escalation_policy_reference', id, nameIn(state.escalationPolicies, id) ?? null);
}

export function serviceReference(state: State, id: string): Reference {
  return reference('service_reference', id, nameIn(state.services, id) ?? null);
}

export function teamReferences(state: State, ids: string[]): Reference[] {
  return ids.map((id) => reference('team_reference', id, nameIn(state.teams, id) ?? null));
}

export function scheduleReference(state: State, type: string, id: string): Reference {
  return reference(type, id, nameIn([...state.schedules, ...state.shiftSchedules], id) ?? null);
}

export const incidentSummary = (incident: Incident) => `[#${incident.number}] ${incident.title}`;

export function incidentReference(incident: Incident): Reference {
  return reference('incident_reference', incident.id, incidentSummary(incident));
}

export function renderUser(state: State, user: User) {
  const contact = (kind: string, letter: string, summary: string) => {
    const id = `PC${user.id.slice(2, 6)}${letter}`;
    return {
      id,
      type: `${kind}_contact_method_reference`,
      summary,
      self: `${API}/users/${user.id}/contact_methods/${id}`,
      html_url: null,
    };
  };
  const rule = `PN${user.id.slice(2)}`;
  return {
    ...reference('user', user.id, user.name),
    name: user.name,
    email: user.email,
    time_zone: user.timeZone,
    color: user.color,
    avatar_url: `https://avatars.northwind.example/${user.id}.png`,
    billed: true,
    role: user.role,
    description: null,
    invitation_sent: false,
    job_title: user.jobTitle,
    created_via_sso: true,
    teams: teamReferences(
      state,
      state.teams.filter(({ members }) => members.some(({ userId }) => userId === user.id)).map(({ id }) => id),
    ),
    contact_methods: [contact('email', 'E', 'Default'), contact('push_notification', 'P', 'Phone')],
    notification_rules: [
      {
        id: rule,
        type: 'assignment_notification_rule_reference',
        summary: '0 minutes: channel Default',
        self: `${API}/users/${user.id}/notification_rules/${rule}`,
        html_url: null,
      },
    ],
  };
}

export function renderTeam(team: Team) {
  return {
    ...reference('team', team.id, team.name),
    name: team.name,
    description: team.description,
    default_role: team.defaultRole,
    parent: null,
  };
}

export function renderService(state: State, service: Service) {
  const open = state.incidents.filter(({ serviceId, status }) => serviceId === service.id && status !== 'resolved');
  const status = open.some((incident) => incident.status === 'triggered')
    ? 'critical'
    : open.length > 0
      ? 'warning'
      : 'active';
  const last = state.incidents.filter(({ serviceId }) => serviceId === service.id).map(({ createdAt }) => createdAt);
  return {
    ...reference('service', service.id, service.name),
    name: service.name,
    description: service.description,
    created_at: service.createdAt,
    status: service.status === 'active' ? status : service.status,
    auto_resolve_timeout: service.autoResolveTimeout,
    acknowledgement_timeout: service.acknowledgementTimeout,
    last_incident_timestamp: last.sort().at(-1) ?? null,
    teams: teamReferences(state, service.teamIds),
    escalation_policy: policyReference(state, service.escalationPolicyId),
    incident_urgency_rule: { type: 'constant', urgency: service.urgency },
    support_hours: null,
    scheduled_actions: [],
    integrations: service.integrations.map(({ id, name, type }) => ({
      id,
      type,
      summary: name,
      self: `${API}/services/${service.id}/integrations/${id}`,
      html_url: `${WEB}/services/${service.id}/integrations/${id}`,
    })),
    addons: [],
    alert_creation: 'create_alerts_and_incidents',
    alert_grouping_parameters: { type: null, config: null },
    auto_pause_notifications_parameters: { enabled: false, timeout: null },
  };
}

export function renderPolicy(state: State, policy: EscalationPolicy) {
  return {
    ...reference('escalation_policy', policy.id, policy.name),
    name: policy.name,
    description: policy.description,
    num_loops: policy.numLoops,
    on_call_handoff_notifications: policy.handoff,
    escalation_rules: policy.rules.map((rule) => ({
      id: rule.id,
      escalation_delay_in_minutes: rule.delayMinutes,
      targets: rule.targets.map((target) =>
        target.type === 'user_reference'
          ? userReference(state, target.id)
          : scheduleReference(state, target.type, target.id),
      ),
    })),
    services: state.services
      .filter(({ escalationPolicyId }) => escalationPolicyId === policy.id)
      .map(({ id }) => serviceReference(state, id)),
    teams: teamReferences(state, policy.teamIds),
  };
}

export function renderNote(state: State, note: Note) {
  return {
    id: note.id,
    user: userReference(state, note.userId),
    channel: { summary: 'The PagerDuty website or APIs' },
    content: note.content,
    created_at: note.createdAt,
    updated_at: note.updatedAt,
  };
}

export function logEntryReference(entry: LogEntry): Reference {
  return {
    id: entry.id,
    type: `${entry.type}_reference`,
    summary: entry.summary,
    self: `${API}/log_entries/${entry.id}?incident_id=${entry.incidentId}`,
    html_url: `${WEB}/incidents/${entry.incidentId}/log_entries/${entry.id}`,
  };
}

export function renderLogEntry(state: State, entry: LogEntry) {
  const incident = state.incidents.find(({ id }) => id === entry.incidentId);
  const service = state.services.find(({ id }) => id === incident?.serviceId);
  return {
    ...logEntryReference(entry),
    type: entry.type,
    created_at: entry.createdAt,
    agent: agentReference(state, entry.agent),
    channel: entry.channel,
    service: service === undefined ? null : serviceReference(state, service.id),
    incident: incident === undefined ? null : incidentReference(incident),
    teams: teamReferences(state, service?.teamIds ?? []),
    contexts: [],
    ...(entry.note === null ? {} : { note: entry.note }),
    ...(entry.assigneeIds.length === 0 ? {} : { assignees: entry.assigneeIds.map((id) => userReference(state, id)) }),
  };
}
