import { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import { incidentAnswer, incidentsAnswer, type PagerDutyIncident } from '../../schemas.ts';
import {
  type Answer,
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Undo,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { readTraces, type Traces } from '../evidence/traces.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import {
  assigneeWords,
  type IncidentFacts,
  incidentFacts,
  incidentWords,
  numberOf,
  policyIdsOf,
  readIncident,
  serviceNamesOf,
  targetWords,
} from '../facts/incidents.ts';
import { named, type OnCallPerson, onCallPerson, readOnCall, readUser } from '../facts/people.ts';
import { incidentId, jsonText, optional, referenceTo, toolInput, urgency } from '../input/parameters.ts';
import { isTopPriority, type Risk, strictest } from '../words/risks.ts';
import { listed, oneLine } from '../words/wording.ts';
import { effectOf, levelNames } from './effect.ts';

/** One request is one decision; more incidents than this cannot be looked at in one go. */
const MAX_INCIDENTS = 10;

const assignee = optional(jsonText(referenceTo('user', 'user_reference')));

const manageRequest = z
  .strictObject({
    incident_ids: jsonText(z.array(incidentId).min(1).max(250)).describe(
      `Ids of the incidents, at most ${MAX_INCIDENTS} per request.`,
    ),
    status: optional(z.enum(['acknowledged', 'resolved'])).describe('New status.'),
    urgency: optional(urgency).describe('New urgency.'),
    escalation_level: optional(z.int().min(1).max(20)).describe('Page this level of the escalation policy now.'),
    // As spelled upstream.
    assignement: hidden(assignee),
    assignment: assignee.describe('User to reassign to.'),
  })
  .superRefine((request, ctx) => {
    const refuse = (message: string) => ctx.addIssue({ code: 'custom', message });
    const { assignement, assignment, status, escalation_level: level } = request;
    const assigned = assignment ?? assignement;
    if (assignement && assignment && assignement.id !== assignment.id) {
      refuse('"assignment" and "assignement" name different users; send one of them.');
    }
    if (!status && !request.urgency && !level && !assigned) {
      refuse('Nothing to change: give status, urgency, escalation_level or assignment.');
    }
    if (level && assigned) refuse('Give either escalation_level or assignment: each would undo the other.');
    // PagerDuty triggers an incident again when it gets a new assignee, so a status in the same call would not last.
    if (status && (level || assigned)) refuse('Give either a status or somebody to hand the incident on to, not both.');
  })
  .transform(({ assignement, assignment, ...request }) => ({
    ...request,
    incident_ids: [...new Set(request.incident_ids)].sort(),
    assignment: assignment ?? assignement,
  }));

const input = toolInput({ manage_request: jsonText(manageRequest).describe('Which incidents, and what to change.') });
type Input = z.infer<typeof input>;
type Change = Input['manage_request'];

const before = z.object({
  readAt: z.string(),
  incidents: z.array(incidentFacts),
  /** Null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
  assignee: named.nullable(),
});
type Before = z.infer<typeof before>;

interface After {
  incidents: { incident: PagerDutyIncident; traces: Traces }[];
}

function watched({ manage_request: change }: Input, { incidents, onCall }: Before): Watched[] {
  return incidents.flatMap((incident) => {
    const name = `incident ${numberOf(incident)}`;
    const watch = (field: string, subject: string, value: Watched['value'], words: string) => ({
      key: `${incident.id}.${field}`,
      subject,
      value,
      words,
    });
    const { service, escalationPolicy: policy, openAlerts } = incident;
    const all = [
      watch('status', `I${name.slice(1)}`, incident.status, `"${incident.status}"`),
      watch('urgency', `The urgency of ${name}`, incident.urgency, incident.urgency),
      watch(
        'assignees',
        `The assignee of ${name}`,
        incident.assignees.map(({ id }) => id),
        assigneeWords(incident.assignees),
      ),
      watch('priority', `The priority of ${name}`, incident.priority, incident.priority ?? 'not set'),
      watch('service', `The service of ${name}`, service?.id ?? null, `"${service?.name ?? 'none'}"`),
      watch('policy', `The escalation policy of ${name}`, policy?.id ?? null, `"${policy?.name ?? 'none'}"`),
      watch(
        'changed',
        `The last status change of ${name}`,
        incident.lastStatusChangeAt,
        `${incident.lastStatusChangeAt}`,
      ),
    ];
    if (change.status === 'resolved') {
      all.push(watch('alerts', `The number of open alerts of ${name}`, openAlerts, `${openAlerts ?? 'not known'}`));
    }
    if (change.escalation_level) {
      const people = levelNames(onCall, incident, change.escalation_level);
      all.push(watch('level', `Level ${change.escalation_level} of ${name}`, people, listed(people) || 'empty'));
    }
    return all;
  });
}

function refusal(change: Change, incident: IncidentFacts, onCall: OnCallPerson[] | null): string | null {
  const name = `Incident ${numberOf(incident)}`;
  if (incident.status === 'resolved') {
    return change.status === 'resolved'
      ? `${name} is already resolved.`
      : `${name} is resolved; this would reopen it or change nothing.`;
  }
  if (change.status === incident.status) return `${name} is already ${incident.status}.`;
  if (change.urgency === incident.urgency)
    return `The urgency of ${name.toLowerCase()} is already ${incident.urgency}.`;
  if (
    change.assignment &&
    incident.assignees.every(({ id }) => id === change.assignment?.id) &&
    incident.assignees.length
  ) {
    return `${name} is already assigned to ${assigneeWords(incident.assignees)} alone.`;
  }
  const level = change.escalation_level;
  if (level && onCall !== null && levelNames(onCall, incident, level).length === 0) {
    return `Nobody is on call at level ${level} for ${name.toLowerCase()}.`;
  }
  return null;
}

function admit({ manage_request: change }: Input, { incidents, onCall }: Before): Verdict {
  const count = change.incident_ids.length;
  if (count > MAX_INCIDENTS) {
    return no(
      `One request may change at most ${MAX_INCIDENTS} incidents, this one names ${count}; ask in smaller groups.`,
    );
  }
  for (const incident of incidents) {
    const because = refusal(change, incident, onCall);
    if (because !== null) return no(because);
  }
  return yes;
}

function risks({ manage_request: change }: Input, { incidents }: Before): Risk[] {
  const count = change.incident_ids.length;
  const only = Object.keys(change).length === 2;
  const found: Risk[] = [];
  if (count > 5) found.push({ level: 'critical', reason: `Changes ${count} incidents at once.` });
  if (change.status === 'resolved') {
    const top = incidents.find(({ priority }) => isTopPriority(priority));
    if (top) found.push({ level: 'critical', reason: `Resolves a ${top.priority} incident.` });
    found.push({ level: 'high', reason: 'Resolving silences an incident for everybody.' });
  }
  if (change.status === 'acknowledged') {
    const level = only && count === 1 ? 'medium' : 'high';
    found.push({ level, reason: 'Acknowledging stops the escalation to the next levels.' });
  }
  if (change.escalation_level) found.push({ level: 'high', reason: 'Escalating pages people at once.' });
  if (change.assignment) found.push({ level: 'high', reason: 'Reassigning pages a person and takes others off.' });
  if (change.urgency) {
    const reason = change.urgency === 'low' ? 'Low urgency notifies more quietly.' : 'High urgency pages people.';
    found.push({ level: only ? 'medium' : 'high', reason });
  }
  return found;
}

function title(change: Change, { incidents, assignee: person }: Before): string {
  const [first] = incidents;
  const several = incidents.length > 1;
  const noun = several || !first ? `${incidents.length} incidents` : incidentWords(first);
  const to = person?.name ?? change.assignment?.id;
  // The first phrase names the incident, the later ones point back to it.
  const it = (index: number) => (index === 0 ? noun : several ? 'them' : 'it');
  const phrases: string[] = [];
  if (change.status) phrases.push(`${change.status === 'resolved' ? 'resolve' : 'acknowledge'} ${noun}`);
  if (change.urgency) {
    const whose = phrases.length === 0 ? `the urgency of ${noun}` : several ? 'their urgency' : 'its urgency';
    phrases.push(`set ${whose} to ${change.urgency}`);
  }
  if (change.escalation_level) phrases.push(`escalate ${it(phrases.length)} to level ${change.escalation_level}`);
  if (to) phrases.push(`reassign ${it(phrases.length)} to ${to}`);
  const said = phrases.join(' and ');
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function lines(change: Change, { incidents, onCall, assignee: person }: Before): SummaryLine[] {
  return incidents.flatMap((incident) => {
    const label = (text: string) => (incidents.length > 1 ? `${numberOf(incident)} ${text}` : text);
    const found: SummaryLine[] = [];
    if (change.status) found.push({ label: label('Status'), now: incident.status, after: change.status });
    if (change.urgency) found.push({ label: label('Urgency'), now: incident.urgency, after: change.urgency });
    const assigned = { label: label('Assigned to'), now: assigneeWords(incident.assignees) };
    if (change.assignment) found.push({ ...assigned, after: person?.name ?? change.assignment.id });
    if (change.escalation_level) {
      const names = listed(levelNames(onCall, incident, change.escalation_level));
      found.push({ ...assigned, after: `level ${change.escalation_level}${names === '' ? '' : `: ${names}`}` });
    }
    return found;
  });
}

const ENTRIES: Record<'acknowledged' | 'resolved' | 'urgency' | 'level' | 'assignment', string[]> = {
  acknowledged: ['acknowledge_log_entry'],
  resolved: ['resolve_log_entry'],
  urgency: ['urgency_change_log_entry'],
  level: ['escalate_log_entry', 'assign_log_entry'],
  assignment: ['assign_log_entry'],
};

/** @throws TypeError when the answer does not show every incident as it was asked for. */
function interpret({ manage_request: change }: Input, body: Json): Answer {
  const { incidents } = incidentsAnswer.parse(body);
  const found = change.incident_ids.map((id) => {
    const incident = incidents.find((one) => one.id === id);
    if (!incident) throw new TypeError(`The answer lacks incident ${id}.`);
    const { status, urgency: level, assignments } = incident;
    const differs =
      (change.status && status !== change.status) ||
      (change.urgency && level && level !== change.urgency) ||
      (change.assignment && assignments && !assignments.some((one) => one.assignee.id === change.assignment?.id));
    if (differs) throw new TypeError(`The answer shows incident ${id} otherwise than asked.`);
    return {
      id,
      number: incident.incident_number ?? null,
      title: oneLine(incident.title ?? ''),
      status,
      urgency: level ?? null,
    };
  });
  return { applied: true, result: { incidents: found }, secrets: [] };
}

function verify({ manage_request: change }: Input, after: After): Evidence {
  const checks = after.incidents.flatMap(({ incident, traces: { ours, unclear, complete } }) => {
    const check = (kind: keyof typeof ENTRIES, has: boolean) => ({
      done: ours.some((type) => ENTRIES[kind].includes(type)),
      has: has || !complete || unclear.some((type) => ENTRIES[kind].includes(type)),
    });
    const asked = [];
    if (change.status) asked.push(check(change.status, incident.status === change.status));
    if (change.urgency) asked.push(check('urgency', incident.urgency === change.urgency));
    if (change.escalation_level) asked.push(check('level', false));
    const assignees = incident.assignments ?? [];
    if (change.assignment) {
      asked.push(
        check(
          'assignment',
          assignees.some((one) => one.assignee.id === change.assignment?.id),
        ),
      );
    }
    return asked;
  });
  if (checks.length > 0 && checks.every(({ done }) => done)) {
    return {
      applied: true,
      because: "The timeline shows every change, made by the approver's PagerDuty user.",
      result: null,
    };
  }
  if (checks.every(({ done, has }) => !done && !has)) {
    return { applied: false, because: 'The timeline shows no such change, and the incidents are not as asked.' };
  }
  return { applied: null, because: 'The incidents are partly as asked, but the timeline does not show who did it.' };
}

function undo({ manage_request: change }: Input, { incidents }: Before): Undo {
  if (change.status === 'resolved') {
    return {
      possible: false,
      because: 'A resolved incident cannot be reopened from here; reopen it in PagerDuty, which pages again.',
    };
  }
  const back: JsonObject = {};
  const urgencies = [...new Set(incidents.map((incident) => incident.urgency))];
  if (change.urgency && urgencies.length === 1 && urgencies[0] !== undefined) back.urgency = urgencies[0];
  const assignees = [...new Set(incidents.map((incident) => incident.assignees.map(({ id }) => id).join()))];
  const moved = Boolean(change.assignment || change.escalation_level);
  const single = incidents[0]?.assignees.length === 1 ? incidents[0].assignees[0] : undefined;
  if (moved && assignees.length === 1 && single) back.assignment = { id: single.id };
  if (Object.keys(back).length === 0) {
    const because = moved
      ? 'The former assignees were several, and one request can assign only one; reassign by hand in PagerDuty.'
      : 'PagerDuty has no way to take back an acknowledgement; it ends with the service’s timeout or by reassigning.';
    return { possible: false, because };
  }
  const complete = !change.status && Object.keys(back).length === Number(Boolean(change.urgency)) + Number(moved);
  return {
    possible: true,
    tool: 'manage_incidents',
    input: { manage_request: { incident_ids: change.incident_ids, ...back } },
    complete,
    note: moved
      ? 'Pages the former assignee again; pages already sent stay sent.'
      : 'Notifications already sent stay sent.',
  };
}

export const manageIncidents = defineWriteTool<Input, Before, After>({
  name: 'manage_incidents',
  title: 'Change incidents',
  description:
    'Acknowledge or resolve incidents, change their urgency, escalate or reassign them. All changes go out in one call, so either all of them happen or none.',
  version: 1,
  toolset: 'incidents',
  source: { operationId: 'updateIncidents', method: 'PUT', path: '/incidents', scope: 'incidents.write' },
  reads: ['incidents.read', 'oncalls.read', 'users.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: true,
  input,
  before,
  example: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'acknowledged' } },

  async read(pagerduty, { manage_request: change }) {
    const readAt = new Date().toISOString();
    // Too many are refused by admit(); PagerDuty need not be asked for that.
    if (change.incident_ids.length > MAX_INCIDENTS) return { readAt, incidents: [], onCall: [], assignee: null };
    const [incidents, person] = await Promise.all([
      Promise.all(change.incident_ids.map((id) => readIncident(pagerduty, id))),
      change.assignment ? readUser(pagerduty, change.assignment.id) : null,
    ]);
    const onCall = await readOnCall(pagerduty, { escalationPolicyIds: policyIdsOf(incidents) });
    return { readAt, incidents, onCall, assignee: person };
  },
  watched,
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: ({ manage_request: change }, { incidents }) => ({
    subjects: change.incident_ids.map((id) => `incident:${id}`),
    escalationPolicyIds: policyIdsOf(incidents),
  }),
  supersedes({ manage_request: { incident_ids: targets, ...fields } }) {
    return `manage_incidents ${Object.keys(fields).sort().join('+')} ${targets.join(',')}`;
  },
  summarize: (request, facts) => ({
    title: title(request.manage_request, facts),
    target: facts.incidents.map(targetWords).join(', '),
    services: serviceNamesOf(facts.incidents),
    lines: lines(request.manage_request, facts),
    effect: effectOf(request.manage_request, facts),
  }),
  call: ({ manage_request: { incident_ids: targets, assignment, ...fields } }) => ({
    method: 'PUT',
    path: '/incidents',
    body: {
      incidents: targets.map((id) => ({
        id,
        type: 'incident_reference',
        ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
        ...(assignment ? { assignments: [{ assignee: { id: assignment.id, type: 'user_reference' } }] } : {}),
      })),
    },
  }),
  alsoHolds: nothingElse,
  interpret,
  async readBack(pagerduty, { manage_request: change }, attempt) {
    const readOne = async (id: string) => {
      const [{ incident }, traces] = await Promise.all([
        pagerduty.get(`/incidents/${encodeURIComponent(id)}`, incidentAnswer),
        readTraces(pagerduty, id, attempt),
      ]);
      return { incident, traces };
    };
    return { incidents: await Promise.all(change.incident_ids.map(readOne)) };
  },
  verify,
  undo,
});
