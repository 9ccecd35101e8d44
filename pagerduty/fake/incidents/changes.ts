import { z } from 'zod';
import type { EscalationPolicy } from '../escalation-policies.ts';
import { instant, newId } from '../ids.ts';
import { pagedAt } from '../on-calls.ts';
import { idOf, userTarget } from '../server/bodies.ts';
import { found, type Incoming, invalid, missingFrom, refusal, type Sender } from '../server/route.ts';
import type { Agent, Incident, LogEntry, Seen } from './state.ts';

export const incidentChange = z.object({
  id: z.string().optional(),
  type: z.enum(['incident', 'incident_reference']).optional(),
  status: z.string().optional(),
  resolution: z.string().optional(),
  title: z.string().optional(),
  urgency: z.enum(['high', 'low']).optional(),
  priority: z.union([z.string(), idOf]).nullish(),
  escalation_level: z.int().optional(),
  assignments: z.array(z.object({ assignee: userTarget })).optional(),
  escalation_policy: idOf.optional(),
  incident_type: z.object({ name: z.string() }).optional(),
  conference_bridge: z
    .object({ conference_number: z.string().nullish(), conference_url: z.string().nullish() })
    .optional(),
  service: idOf.optional(),
});

export type IncidentChange = z.infer<typeof incidentChange>;

/** One person changing one incident at one moment. */
export interface Act {
  state: Seen;
  incident: Incident;
  by: Sender;
  at: string;
  now: Date;
  channel: Incoming['channel'];
}

const alreadyResolved = () => refusal(400, 1001, 'Incident Already Resolved');

export function addLog(
  act: Pick<Act, 'state' | 'incident' | 'at' | 'channel'> & { agent: Agent },
  type: string,
  summary: string,
  rest: Partial<Pick<LogEntry, 'note' | 'assigneeIds' | 'channel'>> = {},
): void {
  act.state.logEntries.push({
    id: newId(act.state, 'Q'),
    incidentId: act.incident.id,
    type,
    summary,
    createdAt: act.at,
    agent: act.agent,
    channel: { type: act.channel },
    note: null,
    assigneeIds: [],
    ...rest,
  });
}

const agentOf = (act: Act): Agent => ({ type: 'user_reference', id: act.by.id });
const log = (act: Act, ...rest: [string, string, Parameters<typeof addLog>[3]?]) =>
  addLog({ ...act, agent: agentOf(act) }, ...rest);

function setStatus(act: Act, status: Incident['status']): void {
  act.incident.status = status;
  act.incident.lastStatusChangeAt = act.at;
  act.incident.lastStatusChangeBy = agentOf(act);
}

const assign = (act: Act, userIds: string[]) => {
  act.incident.assignments = userIds.map((userId) => ({ at: act.at, userId }));
};

/** People at a level of the policy. @throws Refusal 1006 without such a level, 1015 with nobody on call there. */
function peopleAt(act: Act, policy: EscalationPolicy, level: number): string[] {
  if (level < 1 || level > policy.rules.length) throw refusal(400, 1006, 'Incident Cannot Be Escalated');
  const people = pagedAt(act.state, policy, level, act.now);
  if (people.length === 0) throw refusal(400, 1015, 'No One On Call');
  return people;
}

function policyOf(act: Act): EscalationPolicy {
  return found(act.state.escalationPolicies, act.incident.escalationPolicyId);
}

/** Whoever gets an acknowledged incident anew is paged again, so it is triggered again. */
function handOver(act: Act, userIds: string[]): void {
  assign(act, userIds);
  if (act.incident.status === 'acknowledged') {
    act.incident.acknowledgements = [];
    setStatus(act, 'triggered');
  }
}

function reopen(act: Act, status: 'acknowledged' | 'triggered'): void {
  const { incident, by, at } = act;
  incident.resolvedAt = null;
  setStatus(act, status);
  if (status === 'acknowledged') {
    assign(act, [by.id]);
    incident.assignedVia = 'direct_assignment';
    incident.acknowledgements = [{ at, userId: by.id }];
    log(act, 'reopen_log_entry', `Reopened by ${by.name}`);
    log(act, 'acknowledge_log_entry', `Acknowledged by ${by.name}`);
    return;
  }
  incident.escalationLevel = 1;
  incident.assignedVia = 'escalation_policy';
  const people = peopleAt(act, policyOf(act), 1);
  assign(act, people);
  log(act, 'reopen_log_entry', `Reopened by ${by.name}`);
  log(act, 'assign_log_entry', 'Assigned by the escalation policy', { assigneeIds: people });
}

function resolve(act: Act, resolution: string | undefined): void {
  const { incident, by, at, state } = act;
  if (incident.status === 'resolved') throw alreadyResolved();
  incident.resolvedAt = at;
  incident.assignments = [];
  incident.acknowledgements = [];
  setStatus(act, 'resolved');
  for (const alert of state.alerts) if (alert.incidentId === incident.id) alert.status = 'resolved';
  log(act, 'resolve_log_entry', `Resolved by ${by.name}`, { note: resolution ?? null });
}

function acknowledge(act: Act): void {
  const { incident, by, at } = act;
  if (incident.acknowledgements.some(({ userId }) => userId === by.id)) return;
  incident.acknowledgements.push({ at, userId: by.id });
  setStatus(act, 'acknowledged');
  log(act, 'acknowledge_log_entry', `Acknowledged by ${by.name}`);
}

function changeStatus(act: Act, change: IncidentChange): void {
  const { incident, by } = act;
  if (change.status === 'resolved') {
    resolve(act, change.resolution);
  } else if (change.status !== 'acknowledged' && change.status !== 'triggered') {
    throw refusal(400, 1003, 'Invalid Incident Status');
  } else if (incident.status === 'resolved') {
    reopen(act, change.status);
  } else if (change.status === 'acknowledged') {
    acknowledge(act);
  } else if (incident.status === 'acknowledged') {
    incident.acknowledgements = [];
    setStatus(act, 'triggered');
    log(act, 'unacknowledge_log_entry', `Unacknowledged by ${by.name}`);
  }
}

function changeAssignment(act: Act, change: IncidentChange): void {
  const { incident, state, by } = act;
  const { assignments, escalation_level: level, escalation_policy: policyRef } = change;
  if (assignments === undefined && level === undefined && policyRef === undefined) return;
  if (incident.status === 'resolved') throw alreadyResolved();
  if (assignments !== undefined && (level !== undefined || policyRef !== undefined)) {
    throw invalid('Assignments cannot be combined with an escalation policy or level.');
  }
  if (assignments !== undefined) {
    const ids = [...new Set(assignments.map(({ assignee }) => assignee.id))];
    if (ids.length === 0) throw invalid('Assignments cannot be empty.');
    if (ids.some((id) => !state.users.some((user) => user.id === id))) throw refusal(400, 1007, 'Assignee Not Found');
    handOver(act, ids);
    incident.assignedVia = 'direct_assignment';
    log(act, 'assign_log_entry', `Reassigned by ${by.name}`, { assigneeIds: ids });
    return;
  }
  if (policyRef !== undefined) {
    const policy = state.escalationPolicies.find(({ id }) => id === policyRef.id);
    if (policy === undefined) throw invalid('Escalation policy not found');
    incident.escalationPolicyId = policy.id;
  }
  const newLevel = level ?? 1;
  const people = peopleAt(act, policyOf(act), newLevel);
  incident.escalationLevel = newLevel;
  incident.assignedVia = 'escalation_policy';
  handOver(act, people);
  const type = policyRef === undefined ? 'escalate_log_entry' : 'delegate_log_entry';
  const summary = policyRef === undefined ? `Escalated to level ${newLevel} by ${by.name}` : `Delegated by ${by.name}`;
  log(act, type, summary, { assigneeIds: people });
}

function changeWords(act: Act, change: IncidentChange): void {
  const { incident, state, by } = act;
  if (change.title !== undefined) {
    if (change.title.trim() === '') throw invalid('Title cannot be empty.');
    incident.title = change.title;
    log(act, 'field_value_change_log_entry', `Title changed by ${by.name}`);
  }
  if (change.urgency !== undefined && change.urgency !== incident.urgency) {
    if (incident.status === 'resolved') throw alreadyResolved();
    incident.urgency = change.urgency;
    log(act, 'urgency_change_log_entry', `Urgency changed to ${change.urgency} by ${by.name}`);
  }
  if (change.priority !== undefined) {
    const id = typeof change.priority === 'string' ? change.priority : (change.priority?.id ?? null);
    if (id !== null && !state.priorities.some((priority) => priority.id === id)) {
      throw refusal(400, 1020, 'Invalid Priority');
    }
    incident.priorityId = id;
    log(act, 'priority_change_log_entry', `Priority changed by ${by.name}`);
  }
  if (change.incident_type !== undefined) incident.incidentType = change.incident_type.name;
  if (change.conference_bridge !== undefined) {
    const { conference_number: number, conference_url: url } = change.conference_bridge;
    incident.conferenceBridge = { number: number ?? null, url: url ?? null };
  }
  if (change.service !== undefined) {
    const service = state.services.find(({ id }) => id === change.service?.id);
    if (service === undefined) throw invalid('Service not found');
    incident.serviceId = service.id;
  }
}

/** Applies a PUT to one incident. @throws Refusal when any part of it is not possible. */
export function applyChange(act: Act, change: IncidentChange): void {
  changeWords(act, change);
  changeAssignment(act, change);
  if (change.status !== undefined) changeStatus(act, change);
  act.incident.updatedAt = act.at;
}

/** The act behind a call whose `From` names a person. */
export function actOf(state: Seen, incident: Incident, { from, now, channel }: Incoming): Act {
  if (from === null) throw missingFrom();
  return { state, incident, by: from, at: instant(now), now, channel };
}
