import { createHash } from 'node:crypto';
import type { AlertGroupings } from './alert-grouping.ts';
import type { AuditRecord } from './audit.ts';
import type { BusinessServices } from './business-services.ts';
import type { ChangeEvents } from './change-events.ts';
import type { Orchestrations } from './event-orchestrations.ts';
import type { StatusPages } from './status-pages.ts';
import type { Webhooks } from './webhooks.ts';
import type { Workflows } from './workflows.ts';

/** Everything the playable PagerDuty knows: plain JSON, times as ISO texts in UTC. */
export interface State {
  /** Feeds ids, incident numbers and the order of creation; never goes back, so an id is never given twice. */
  created: number;
  lastIncidentNumber: number;
  abilities: string[];
  users: User[];
  teams: Team[];
  priorities: Priority[];
  services: Service[];
  escalationPolicies: EscalationPolicy[];
  schedules: Schedule[];
  shiftSchedules: ShiftSchedule[];
  incidents: Incident[];
  alerts: Alert[];
  notes: Note[];
  logEntries: LogEntry[];
  keys: Key[];
  oauthClients: OAuthClient[];
  oauthTokens: OAuthToken[];
  auditRecords: AuditRecord[];
  alertGroupings: AlertGroupings;
  businessServices: BusinessServices;
  changeEvents: ChangeEvents;
  orchestrations: Orchestrations;
  statusPages: StatusPages;
  webhooks: Webhooks;
  workflows: Workflows;
}

export interface User {
  id: string;
  name: string;
  email: string;
  timeZone: string;
  role: string;
  jobTitle: string;
  color: string;
}

export interface Team {
  id: string;
  name: string;
  description: string | null;
  defaultRole: 'manager' | 'none';
  members: { userId: string; role: 'manager' | 'responder' | 'observer' }[];
}

export interface Priority {
  id: string;
  name: string;
  description: string;
  color: string;
}

export interface Service {
  id: string;
  name: string;
  description: string | null;
  status: 'active' | 'warning' | 'critical' | 'maintenance' | 'disabled';
  escalationPolicyId: string;
  teamIds: string[];
  createdAt: string;
  /** Seconds; null = never. */
  autoResolveTimeout: number | null;
  /** Seconds; null = never. */
  acknowledgementTimeout: number | null;
  urgency: 'high' | 'low' | 'severity_based';
  integrations: { id: string; name: string; type: string }[];
}

export interface Target {
  type: 'user_reference' | 'schedule_reference' | 'schedule_v3_reference';
  id: string;
}

export interface EscalationPolicy {
  id: string;
  name: string;
  description: string | null;
  numLoops: number;
  handoff: 'if_has_services' | 'always';
  teamIds: string[];
  rules: { id: string; delayMinutes: number; targets: Target[] }[];
}

export interface Restriction {
  type: 'daily_restriction' | 'weekly_restriction';
  /** `HH:MM:SS` in the schedule's time zone. */
  startTimeOfDay: string;
  durationSeconds: number;
  /** 1 = Monday; only for weekly restrictions. */
  startDayOfWeek?: number;
}

export interface Layer {
  id: string;
  name: string;
  start: string;
  end: string | null;
  rotationVirtualStart: string;
  turnLengthSeconds: number;
  userIds: string[];
  restrictions: Restriction[];
}

export interface Override {
  id: string;
  start: string;
  end: string;
  userId: string;
}

/** Layer-based. The first layer wins over the later ones; overrides win over all, the last created first. */
export interface Schedule {
  id: string;
  name: string;
  description: string | null;
  timeZone: string;
  teamIds: string[];
  layers: Layer[];
  overrides: Override[];
}

export type Member = { type: 'user_member'; userId: string } | { type: 'empty_member' };

export interface ShiftEvent {
  id: string;
  name: string;
  startTime: string;
  endTime: string;
  effectiveSince: string;
  effectiveUntil: string | null;
  /** Only `FREQ=DAILY` and `FREQ=WEEKLY` are understood. */
  recurrence: string[];
  strategy: 'rotating_member_assignment_strategy' | 'every_member_assignment_strategy';
  shiftsPerMember: number;
  members: Member[];
}

export interface ShiftSchedule {
  id: string;
  name: string;
  description: string | null;
  timeZone: string;
  teamIds: string[];
  rotations: { id: string; events: ShiftEvent[] }[];
  customShifts: CustomShift[];
  overrides: ShiftOverride[];
}

/** A one-off shift of a shift-based schedule. */
export interface CustomShift {
  id: string;
  start: string;
  end: string;
  members: Member[];
}

/** Swaps one member of a rotation or of a one-off shift for another. */
export interface ShiftOverride {
  id: string;
  rotationId: string | null;
  customShiftId: string | null;
  start: string;
  end: string;
  overridden: Member;
  overriding: Member;
}

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

/** A REST key; `user` keys act as somebody, `account` keys as nobody. */
export interface Key {
  token: string;
  kind: 'account' | 'user';
  access: 'read' | 'full';
  userId: string | null;
}

export interface OAuthClient {
  clientId: string;
  clientSecret: string;
  scopes: string[];
}

export interface OAuthToken {
  token: string;
  clientId: string;
  scopes: string[];
  expiresAt: string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A new id: `P` and 6 characters for configuration, `Q` and 13 for incidents, alerts and log entries. */
export function newId(state: State, kind: 'P' | 'Q'): string {
  state.created += 1;
  const digest = createHash('sha256').update(`northwind ${state.created}`).digest();
  const length = kind === 'P' ? 6 : 13;
  return kind + Array.from(digest.subarray(0, length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** PagerDuty's way to write an instant: UTC, no fractions of a second. */
export function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
