import type { Policies } from '../escalation-policies.ts';
import type { Counter } from '../ids.ts';
import type { Duties } from '../on-calls.ts';
import type { Priorities } from '../priorities.ts';
import type { Names } from '../references.ts';
import type { Services } from '../services.ts';
import type { Users } from '../users.ts';

export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved';
export type Urgency = 'high' | 'low';

/** Who did something: a person, or a service through its monitoring. */
export interface Agent {
  type: 'user_reference' | 'service_reference';
  id: string;
}

export interface Responder {
  state: 'pending' | 'joined' | 'declined' | 'user_cancelled';
  userId: string;
  requesterId: string;
  message: string;
  requestedAt: string;
  updatedAt: string;
  policyIds: string[];
}

export interface ResponderRequest {
  id: string;
  requesterId: string;
  requestedAt: string;
  message: string;
  targets: { type: 'user_reference' | 'escalation_policy_reference'; id: string }[];
}

export interface Incident {
  id: string;
  number: number;
  title: string;
  details: string | null;
  status: IncidentStatus;
  urgency: Urgency;
  priorityId: string | null;
  incidentKey: string;
  incidentType: string;
  serviceId: string;
  escalationPolicyId: string;
  /** 1-based level it was last paged at. */
  escalationLevel: number;
  assignedVia: 'escalation_policy' | 'direct_assignment';
  assignments: { at: string; userId: string }[];
  acknowledgements: { at: string; userId: string }[];
  createdAt: string;
  updatedAt: string;
  resolvedAt: string | null;
  lastStatusChangeAt: string;
  lastStatusChangeBy: Agent;
  conferenceBridge: { number: string | null; url: string | null } | null;
  responders: Responder[];
  responderRequests: ResponderRequest[];
}

export interface Alert {
  id: string;
  incidentId: string;
  serviceId: string;
  integrationId: string | null;
  summary: string;
  alertKey: string;
  status: 'triggered' | 'resolved';
  severity: 'info' | 'warning' | 'error' | 'critical';
  createdAt: string;
  body: { details: unknown; contexts: { type: 'link' | 'image'; href?: string; src?: string; text?: string }[] };
}

export interface Note {
  id: string;
  incidentId: string;
  userId: string;
  content: string;
  createdAt: string;
  updatedAt: string;
}

export interface LogEntry {
  id: string;
  incidentId: string;
  type: string;
  summary: string;
  createdAt: string;
  agent: Agent;
  channel: { type: string; summary?: string };
  note: string | null;
  assigneeIds: string[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface Incidents {
  lastIncidentNumber: number;
  incidents: Incident[];
  alerts: Alert[];
  notes: Note[];
  logEntries: LogEntry[];
}

/** All that incidents look at. */
export type Seen = Counter & Incidents & Services & Policies & Duties & Priorities & Users & Names<'teams'>;

export const emptyIncidents = (): Incidents => ({
  lastIncidentNumber: 0,
  incidents: [],
  alerts: [],
  notes: [],
  logEntries: [],
});
