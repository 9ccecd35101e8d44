import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import { incidentAnswer, type PagerDutyIncident, incident as pagerdutyIncident, serviceAnswer } from '../../schemas.ts';
import {
  type Answer,
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Undo,
  type Watched,
} from '../../write-tool.ts';
import { incidentKey, isIncidentKey } from '../evidence/marker.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { collect } from '../facts/pages.ts';
import { byLevel, named, namedFrom, nameOf, onCallPerson, readOnCall, readUser } from '../facts/people.ts';
import { jsonText, optional, referenceTo, text, toolInput, urgency } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { listed, oneLine, whole } from '../words/wording.ts';

const body = z.strictObject({
  type: hidden(optional(z.literal('incident_body'))),
  details: text({ max: 5_000 }).describe('Long text, at most 5,000 characters.'),
});

const incident = z.strictObject({
  type: hidden(optional(z.literal('incident'))),
  title: text({ max: 1_024 }).describe('Short title, one line.'),
  service: jsonText(referenceTo('service', 'service_reference')).describe('Service it is opened on.'),
  urgency: z.preprocess((value) => value ?? undefined, urgency.default('high')).describe('Default: high.'),
  body: optional(jsonText(body)).describe('Details.'),
  assignments: optional(
    jsonText(
      z
        .array(z.strictObject({ assignee: jsonText(referenceTo('user', 'user_reference')) }))
        .min(1)
        .max(5),
    ),
  ).describe('Users to page directly, instead of the escalation policy of the service.'),
});

const input = toolInput({
  incident: jsonText(incident.transform(({ type: _type, ...rest }) => rest)).describe('The incident to open.'),
});
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  service: named.extend({ status: z.string(), escalationPolicy: named.nullable() }),
  assignees: z.array(named),
  /** Null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
  /** Incidents that are open on the service already: a second page for the same trouble helps nobody. */
  open: z.array(z.object({ number: z.number().nullable(), title: z.string(), status: z.string() })),
  moreOpen: z.boolean(),
});
type Before = z.infer<typeof before>;

/** Incidents that PagerDuty finds under our key on this service. */
interface After {
  found: { key: string | null; incident: JsonObject }[];
}

const incidentResult = ({ id, incident_number: number, status, html_url: url }: PagerDutyIncident) => ({
  id,
  number: number ?? null,
  status,
  url: url ?? null,
});

function verify({ found }: After, key: string): Evidence {
  const ours = found.find((one) => one.key === key);
  if (ours) {
    const because = 'The service has the incident with the key of this request.';
    return { applied: true, because, result: { incident: ours.incident } };
  }
  // With child alerts PagerDuty moves the key to them: the filter still matches, the incident shows another key.
  return found.length > 0
    ? { applied: null, because: 'PagerDuty finds an incident under the key of this request, but shows another key.' }
    : { applied: false, because: 'No incident of the service, open or resolved, has the key of this request.' };
}

const created = z.object({ incident: z.object({ id: z.string() }) });

function undo(result: JsonObject | null): Undo {
  const { data } = created.safeParse(result);
  return {
    possible: true,
    tool: 'manage_incidents',
    input: data ? { manage_request: { incident_ids: [data.incident.id], status: 'resolved' } } : null,
    complete: false,
    note: 'Resolves the new incident; pages already sent stay sent.',
  };
}

function watched({ service }: Before): Watched[] {
  const subject = `The service "${service.name}"`;
  const policy = service.escalationPolicy;
  return [
    { key: 'status', subject, value: service.status, words: `"${service.status}"` },
    {
      key: 'policy',
      subject: `The escalation policy of the service "${service.name}"`,
      value: policy?.id ?? null,
      words: `"${policy?.name ?? 'none'}"`,
    },
  ];
}

function risks({ incident: asked }: Input): Risk[] {
  const texts = textRisks(`${asked.title}\n${asked.body?.details ?? ''}`);
  if (asked.assignments)
    return [{ level: 'high', reason: 'Pages named people at once, past the escalation policy.' }, ...texts];
  if (asked.urgency === 'low') return [{ level: 'medium', reason: 'Opens a low-urgency incident.' }, ...texts];
  return [{ level: 'high', reason: 'Pages whoever is on call at once; a page cannot be taken back.' }, ...texts];
}

function lines({ incident: asked }: Input, { service, assignees }: Before): SummaryLine[] {
  const optionalLines = [
    { label: 'Details', now: null, after: asked.body ? whole(asked.body.details) : '' },
    { label: 'Assigned to', now: null, after: listed(assignees.map(({ name }) => name)) },
  ];
  return [
    { label: 'Title', now: null, after: whole(asked.title) },
    { label: 'Service', now: null, after: service.name },
    { label: 'Urgency', now: null, after: asked.urgency },
    ...optionalLines.filter(({ after }) => after !== ''),
  ];
}

function effect({ incident: asked }: Input, { service, assignees, onCall, open, moreOpen }: Before) {
  const quietly = asked.urgency === 'low' ? ', by their low-urgency rules' : '';
  const said: string[] = [];
  const known = assignees.length > 0 || onCall !== null;
  if (assignees.length > 0) {
    said.push(`Paged now: ${listed(assignees.map(({ name }) => name))}, directly${quietly}; it does not escalate.`);
  } else if (onCall === null) {
    said.push('Who will be paged is not known.');
  } else {
    const policy = service.escalationPolicy;
    const chain = policy === null ? null : byLevel(onCall, policy.id);
    said.push(
      chain === null
        ? 'Nobody is on call for this service: nobody would be paged.'
        : `Paged level by level until somebody acknowledges${quietly}: ${chain}.`,
    );
  }
  if (service.status === 'maintenance') said.push('The service is in maintenance: PagerDuty may notify nobody.');
  if (open.length > 0) {
    const names = open.map(({ number, title, status }) => `#${number ?? '?'} ${title} (${status})`);
    said.push(`Already open on this service: ${names.join('; ')}${moreOpen ? '; and more' : ''}.`);
  }
  return { known, lines: said };
}

export const createIncident = defineWriteTool<Input, Before, After>({
  name: 'create_incident',
  title: 'Create an incident',
  description: 'Open an incident on a service. This pages the people who are on call for it, or the users you name.',
  version: 1,
  toolset: 'incidents',
  source: { operationId: 'createIncident', method: 'POST', path: '/incidents', scope: 'incidents.write' },
  reads: ['escalation_policies.read', 'incidents.read', 'oncalls.read', 'services.read', 'users.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: true,
  input,
  before,
  example: {
    incident: {
      title: 'Card payments fail for customers in Austria',
      service: { id: 'PSPAYMT' },
      urgency: 'high',
      body: { details: 'Declines went from 2 % to 40 % at 13:50 UTC, only with issuers in Austria.' },
    },
  },

  async read(pagerduty, { incident: asked }) {
    const serviceId = asked.service.id;
    const source = { path: '/incidents', list: 'incidents', item: pagerdutyIncident };
    const openOnes = { service_ids: [serviceId], statuses: ['triggered', 'acknowledged'], date_range: 'all' };
    const [{ service }, open, assignees] = await Promise.all([
      pagerduty.get(`/services/${encodeURIComponent(serviceId)}`, serviceAnswer),
      collect(pagerduty, source, openOnes, { limit: 5 }),
      Promise.all((asked.assignments ?? []).map(({ assignee }) => readUser(pagerduty, assignee.id))),
    ]);
    const policy = service.escalation_policy ? namedFrom(service.escalation_policy) : null;
    return {
      readAt: new Date().toISOString(),
      service: { ...namedFrom(service), status: service.status ?? 'unknown', escalationPolicy: policy },
      assignees,
      onCall: await readOnCall(pagerduty, { escalationPolicyIds: policy === null ? [] : [policy.id] }),
      open: open.items.map((item) => ({
        number: item.incident_number ?? null,
        title: oneLine(item.title ?? nameOf(item)),
        status: item.status,
      })),
      moreOpen: open.more,
    };
  },
  watched: (_request, facts) => watched(facts),
  admit(_request, { service }) {
    return service.status === 'disabled'
      ? no(`The service "${service.name}" is disabled; it takes no incidents.`)
      : yes;
  },
  risk: (request) => strictest(risks(request)),
  touches: ({ incident: asked }, { service }) => ({
    subjects: [`service:${asked.service.id}`],
    escalationPolicyIds: service.escalationPolicy === null ? [] : [service.escalationPolicy.id],
  }),
  supersedes: () => null,
  summarize: (request, facts) => ({
    title: `Create a ${request.incident.urgency}-urgency incident on ${facts.service.name}`,
    target: facts.service.name,
    services: [facts.service.name],
    lines: lines(request, facts),
    effect: effect(request, facts),
  }),
  call: ({ incident: asked }, { requestId }) => ({
    method: 'POST',
    path: '/incidents',
    body: {
      incident: {
        type: 'incident',
        title: asked.title,
        service: { id: asked.service.id, type: 'service_reference' },
        urgency: asked.urgency,
        incident_key: incidentKey(requestId),
        ...(asked.body ? { body: { type: 'incident_body', details: asked.body.details } } : {}),
        ...(asked.assignments
          ? {
              assignments: asked.assignments.map(({ assignee: { id } }) => ({
                assignee: { id, type: 'user_reference' },
              })),
            }
          : {}),
      },
    },
  }),
  alsoHolds: nothingElse,
  interpret(_request, answer): Answer {
    const { incident: opened } = incidentAnswer.parse(answer);
    if (opened.incident_key && !isIncidentKey(opened.incident_key)) {
      throw new TypeError('The answer shows an incident with another key.');
    }
    return { applied: true, result: { incident: incidentResult(opened) }, secrets: [] };
  },
  async readBack(pagerduty, { incident: asked }, { requestId }) {
    const source = { path: '/incidents', list: 'incidents', item: pagerdutyIncident };
    const filter = { incident_key: incidentKey(requestId), service_ids: [asked.service.id], date_range: 'all' };
    const { items } = await collect(pagerduty, source, filter, { limit: 5 });
    return { found: items.map((item) => ({ key: item.incident_key ?? null, incident: incidentResult(item) })) };
  },
  verify: (_request, after, { requestId }) => verify(after, incidentKey(requestId)),
  undo: (_request, _before, result) => undo(result),
});
