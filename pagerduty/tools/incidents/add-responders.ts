import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { escalationPolicyAnswer, incidentAnswer, responderRequestAnswer } from '../../schemas.ts';
import { type AttemptFacts, defineWriteTool, type Evidence, type Verdict, type Watched } from '../../write-tool.ts';
import { isMarked, isMarkedForm, marked } from '../evidence/marker.ts';
import { readTraces, type Traces } from '../evidence/traces.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import {
  assigneeWords,
  incidentWords,
  numberOf,
  oneIncident,
  policyIdsOf,
  readIncident,
  serviceNamesOf,
  targetWords,
} from '../facts/incidents.ts';
import { atLevel, named, namedFrom, readOnCall, readUser } from '../facts/people.ts';
import { id, incidentId, jsonText, text, toolInput } from '../input/parameters.ts';
import { strictest, textRisks } from '../words/risks.ts';
import { listed, whole } from '../words/wording.ts';

const target = z.strictObject({
  id: id('user or escalation policy'),
  type: z.enum(['user_reference', 'escalation_policy_reference']),
});

const input = toolInput({
  incident_id: incidentId,
  request: jsonText(
    z.strictObject({
      message: text({ max: 1_000 }).describe('What the people are told, at most 1,000 characters.'),
      responder_request_targets: jsonText(
        z
          .array(z.strictObject({ responder_request_target: jsonText(target) }))
          .min(1)
          .max(10),
      ).describe('Who is asked.'),
    }),
  ).describe('The request to join.'),
});
type Input = z.infer<typeof input>;

const before = oneIncident.extend({
  targets: z.array(named.extend({ type: target.shape.type, reaches: z.array(z.string()).nullable() })),
});
type Before = z.infer<typeof before>;

interface After {
  /** Messages of every responder request of the incident; null when PagerDuty's answer does not list them. */
  messages: string[] | null;
  traces: Traces;
}

async function readTarget(pagerduty: ReadClient, wanted: z.infer<typeof target>): Promise<Before['targets'][number]> {
  if (wanted.type === 'user_reference') {
    const user = await readUser(pagerduty, wanted.id);
    return { ...user, type: wanted.type, reaches: [user.name] };
  }
  const path = `/escalation_policies/${encodeURIComponent(wanted.id)}`;
  const [{ escalation_policy: policy }, onCall] = await Promise.all([
    pagerduty.get(path, escalationPolicyAnswer),
    readOnCall(pagerduty, { escalationPolicyIds: [wanted.id] }),
  ]);
  return { ...namedFrom(policy), type: wanted.type, reaches: onCall === null ? null : atLevel(onCall, wanted.id, 1) };
}

const targetName = ({ type, name }: Before['targets'][number]) =>
  type === 'user_reference' ? name : `escalation policy "${name}"`;

function watched({ incident, targets }: Before): Watched[] {
  const name = `incident ${numberOf(incident)}`;
  const asked = targets.map(({ id: targetId, name: who }) => {
    const state = incident.responders.find((responder) => responder.id === targetId)?.state ?? null;
    const subject = `${who} as a responder of ${name}`;
    return { key: `responder.${targetId}`, subject, value: state, words: state === null ? 'not asked' : `"${state}"` };
  });
  const service = incident.service;
  return [
    { key: 'status', subject: `I${name.slice(1)}`, value: incident.status, words: `"${incident.status}"` },
    {
      key: 'service',
      subject: `The service of ${name}`,
      value: service?.id ?? null,
      words: `"${service?.name ?? 'none'}"`,
    },
    ...asked,
  ];
}

function admit({ incident, targets }: Before, requesterUserId: string | null): Verdict {
  if (requesterUserId === null) {
    return no('PagerDuty wants to know who asks: the owner of this agent must first be linked to a PagerDuty user.');
  }
  if (incident.status === 'resolved') return no(`Incident ${numberOf(incident)} is resolved; nobody can join it.`);
  for (const { id: targetId, name } of targets) {
    const state = incident.responders.find((responder) => responder.id === targetId)?.state;
    if (state === 'pending') return no(`${name} has already been asked to join incident ${numberOf(incident)}.`);
    if (state === 'joined') return no(`${name} has already joined incident ${numberOf(incident)}.`);
  }
  return yes;
}

function effect({ incident, targets, onCall }: Before) {
  const known = targets.every(({ reaches }) => reaches !== null);
  const reached = targets.map((one) => {
    if (one.type === 'user_reference') return one.name;
    if (one.reaches === null) return `whoever is on call for "${one.name}" (not known)`;
    return `${listed(one.reaches) || 'nobody'} (on call for "${one.name}")`;
  });
  const already = onCall === null ? '' : ` Assigned now: ${assigneeWords(incident.assignees)}.`;
  return {
    known,
    lines: [
      `Paged until they accept or decline: ${reached.join('; ')}.`,
      `Nobody stops being paged.${already}`,
      'A mark with the id of this request is appended to the message.',
    ],
  };
}

function verify(_request: Input, { messages, traces }: After, { requestId }: AttemptFacts): Evidence {
  if (messages === null) return { applied: null, because: 'PagerDuty does not list the responder requests.' };
  if (messages.some((message) => isMarked(message, requestId))) {
    return {
      applied: true,
      because: 'The incident has a responder request with the mark of this request.',
      result: null,
    };
  }
  // The entry names whoever the agent acts for or the approver; so anybody's entry takes away the certainty.
  const asked = traces.anybody.some((type) => type.includes('responder'));
  return traces.complete && !asked
    ? { applied: false, because: 'Neither the responder requests of the incident nor its timeline show this request.' }
    : {
        applied: null,
        because:
          'No responder request has the mark of this request, but the timeline shows that people were asked. A human must look.',
      };
}

export const addResponders = defineWriteTool<Input, Before, After>({
  name: 'add_responders',
  title: 'Add responders',
  description: 'Ask users, or whoever is on call for an escalation policy, to join an incident. This pages them.',
  version: 1,
  toolset: 'incidents',
  source: {
    operationId: 'createIncidentResponderRequest',
    method: 'POST',
    path: '/incidents/{id}/responder_requests',
    scope: 'incidents.write',
  },
  reads: ['escalation_policies.read', 'incidents.read', 'oncalls.read', 'users.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    incident_id: 'Q1CHECKOUT5XX1',
    request: {
      message: 'We need somebody who knows the payment gateway.',
      responder_request_targets: [{ responder_request_target: { id: 'PULENA1', type: 'user_reference' } }],
    },
  },

  async read(pagerduty, { incident_id: incidentIdAsked, request }) {
    const [incident, targets] = await Promise.all([
      readIncident(pagerduty, incidentIdAsked),
      Promise.all(request.responder_request_targets.map((one) => readTarget(pagerduty, one.responder_request_target))),
    ]);
    const onCall = await readOnCall(pagerduty, { escalationPolicyIds: policyIdsOf([incident]) });
    return { readAt: new Date().toISOString(), incident, onCall, targets };
  },
  watched: (_request, facts) => watched(facts),
  admit: (_request, facts, { requesterUserId }) => admit(facts, requesterUserId),
  risk: ({ request: { message } }) =>
    strictest([{ level: 'high', reason: 'Pages more people; a page cannot be taken back.' }, ...textRisks(message)]),
  touches: ({ incident_id: incidentIdAsked }, { incident }) => ({
    subjects: [`incident:${incidentIdAsked}`],
    escalationPolicyIds: policyIdsOf([incident]),
  }),
  supersedes: () => null,
  summarize: ({ request: { message } }, facts) => ({
    title: `Ask ${listed(facts.targets.map(targetName))} to join ${incidentWords(facts.incident)}`,
    target: targetWords(facts.incident),
    services: serviceNamesOf([facts.incident]),
    lines: [
      {
        label: 'Responders',
        now: assigneeWords(facts.incident.responders),
        after: listed([...facts.incident.responders.map(({ name }) => name), ...facts.targets.map(targetName)], 20),
      },
      { label: 'Message', now: null, after: whole(message) },
    ],
    effect: effect(facts),
  }),
  call({ incident_id: incidentIdAsked, request }, { requestId, requesterUserId }) {
    // admit() has refused this already; PagerDuty would take the call as somebody else's.
    if (requesterUserId === null) throw new TypeError('add_responders needs the PagerDuty user it acts for.');
    return {
      method: 'POST',
      path: `/incidents/${encodeURIComponent(incidentIdAsked)}/responder_requests`,
      body: {
        requester_id: requesterUserId,
        message: marked(request.message, requestId),
        responder_request_targets: request.responder_request_targets,
      },
    };
  },
  alsoHolds: nothingElse,
  interpret({ request: { message } }, answer) {
    const { responder_request: made } = responderRequestAnswer.parse(answer);
    if (!isMarkedForm(made.message, message)) throw new TypeError('The answer shows another responder request.');
    return { applied: true, result: { asked: true }, secrets: [] };
  },
  async readBack(pagerduty, { incident_id: incidentIdAsked }, attempt) {
    const [{ incident }, traces] = await Promise.all([
      pagerduty.get(`/incidents/${encodeURIComponent(incidentIdAsked)}`, incidentAnswer),
      readTraces(pagerduty, incidentIdAsked, attempt),
    ]);
    return { messages: incident.responder_requests?.map(({ message }) => message ?? '') ?? null, traces };
  },
  verify,
  undo: () => ({
    possible: false,
    because:
      'There is no tool that cancels it; cancel the responder request on the incident in PagerDuty while it is pending.',
  }),
});
