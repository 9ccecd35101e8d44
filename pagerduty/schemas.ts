import { z } from 'zod';

// What we read of PagerDuty's answers. Unknown fields pass, and everything PagerDuty does not promise may be null or
// missing: a field that is absent on one plan must not break a reading on another.

const text = z.string().nullish();
const instant = z.string().nullish();

export const reference = z.object({ id: z.string(), type: text, summary: text, html_url: text });
export type Reference = z.infer<typeof reference>;

const maybeReference = reference.nullish();
const references = z.array(reference).nullish();

const assignment = z.object({ at: instant, assignee: reference });

const responder = z.object({ state: text, user: maybeReference, message: text, requested_at: instant });

const responderRequest = z.object({ message: text, requested_at: instant, requester: maybeReference });

export const incident = z.object({
  id: z.string(),
  incident_number: z.number().nullish(),
  title: text,
  summary: text,
  status: z.string(),
  urgency: text,
  incident_key: text,
  created_at: instant,
  updated_at: instant,
  resolved_at: instant,
  last_status_change_at: instant,
  html_url: text,
  service: maybeReference,
  escalation_policy: maybeReference,
  priority: reference.extend({ name: text }).nullish(),
  assignments: z.array(assignment).nullish(),
  teams: references,
  alert_counts: z.object({ all: z.number(), triggered: z.number(), resolved: z.number() }).nullish(),
  pending_actions: z.array(z.object({ type: text, at: instant })).nullish(),
  incidents_responders: z.array(responder).nullish(),
  responder_requests: z.array(responderRequest).nullish(),
});
export type PagerDutyIncident = z.infer<typeof incident>;

export const incidentAnswer = z.object({ incident });
export const responderRequestAnswer = z.object({ responder_request: responderRequest });
export const incidentsAnswer = z.object({ incidents: z.array(incident) });

export const logEntry = z.object({
  id: z.string(),
  type: z.string(),
  summary: text,
  created_at: instant,
  agent: maybeReference,
  channel: z.object({ type: text }).nullish(),
  incident: maybeReference,
  service: maybeReference,
});
export type PagerDutyLogEntry = z.infer<typeof logEntry>;

export const note = z.object({ id: z.string(), content: text, created_at: instant, user: maybeReference });
export const notesAnswer = z.object({ notes: z.array(note) });
export const noteAnswer = z.object({ note });

export const alert = z.object({
  id: z.string(),
  summary: text,
  status: text,
  severity: text,
  suppressed: z.boolean().nullish(),
  created_at: instant,
  alert_key: text,
  service: maybeReference,
  body: z.object({ details: z.unknown().optional() }).nullish(),
});

export const oncall = z.object({
  user: reference,
  schedule: maybeReference,
  escalation_policy: reference,
  escalation_level: z.number(),
  start: instant,
  end: instant,
});

export const service = z.object({
  id: z.string(),
  name: text,
  summary: text,
  description: text,
  status: text,
  created_at: instant,
  last_incident_timestamp: instant,
  acknowledgement_timeout: z.number().nullish(),
  auto_resolve_timeout: z.number().nullish(),
  escalation_policy: maybeReference,
  teams: references,
});
export type PagerDutyService = z.infer<typeof service>;

export const serviceAnswer = z.object({ service });

// The document says text, PagerDuty's own examples show an object.
const strategy = z.union([z.string(), z.object({ type: text })]).nullish();

export const escalationRule = z.object({
  id: text,
  escalation_delay_in_minutes: z.number(),
  escalation_rule_assignment_strategy: strategy,
  targets: z.array(reference),
});
export type PagerDutyEscalationRule = z.infer<typeof escalationRule>;

export const escalationPolicy = z.object({
  id: z.string(),
  name: text,
  summary: text,
  description: text,
  num_loops: z.number().nullish(),
  on_call_handoff_notifications: text,
  escalation_rules: z.array(escalationRule).nullish(),
  services: references,
  teams: references,
});
export type PagerDutyEscalationPolicy = z.infer<typeof escalationPolicy>;

export const escalationPolicyAnswer = z.object({ escalation_policy: escalationPolicy });

const scheduleEntry = z.object({ start: z.string(), end: z.string(), user: maybeReference });
const subschedule = z.object({ rendered_schedule_entries: z.array(scheduleEntry).nullish() }).nullish();

export const schedule = z.object({
  id: z.string(),
  name: text,
  summary: text,
  description: text,
  time_zone: text,
  escalation_policies: references,
  users: references,
  teams: references,
  schedule_layers: z
    .array(z.object({ name: text, users: z.array(z.object({ user: maybeReference })).nullish() }))
    .nullish(),
  final_schedule: subschedule,
});
export const scheduleAnswer = z.object({ schedule });

export const shiftSchedule = z.object({
  id: z.string(),
  name: text,
  summary: text,
  description: text,
  time_zone: text,
  escalation_policies: references,
  teams: references,
  rotations: z.array(z.object({ id: z.string() })).nullish(),
});
export const shiftScheduleAnswer = z.object({ schedule: shiftSchedule });

export const override = z.object({ id: text, start: z.string(), end: z.string(), user: maybeReference });
export const overridesAnswer = z.object({ overrides: z.array(override) });

export const user = z.object({
  id: z.string(),
  name: text,
  summary: text,
  role: text,
  job_title: text,
  time_zone: text,
  teams: references,
});
export const userAnswer = z.object({ user });

export const teamAnswer = z.object({ team: reference.extend({ name: text }) });
