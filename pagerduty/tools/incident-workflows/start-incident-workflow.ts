import { z } from 'zod';
import { hidden } from '../../published.ts';
import { reference } from '../../schemas.ts';
import {
  type AttemptFacts,
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { readTraces } from '../evidence/traces.ts';
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
import { readOnCall } from '../facts/people.ts';
import { id, incidentId, jsonText, optional, toolInput } from '../input/parameters.ts';
import { shareable } from '../words/secrets.ts';
import { counted, listed, oneLine } from '../words/wording.ts';
import { readWorkflow, type WorkflowFacts, type WorkflowStep, workflowFacts } from './workflows.ts';

const onIncident = z
  .strictObject({
    id: incidentId,
    type: hidden(optional(z.literal('incident_reference'))),
    summary: hidden(optional(z.string().max(300))),
  })
  .transform((incident) => ({ id: incident.id }));

const instance = z
  .strictObject({
    id: hidden(optional(z.string().max(100))),
    incident: jsonText(onIncident),
  })
  .transform(({ incident }) => ({ incident }));

const input = toolInput({
  workflow_id: id('incident workflow'),
  instance_request: jsonText(z.strictObject({ incident_workflow_instance: jsonText(instance) })).describe(
    'On which incident.',
  ),
});
type Input = z.infer<typeof input>;

const before = oneIncident.extend({ workflow: workflowFacts });
type Before = z.infer<typeof before>;

interface After {
  /** How many entries about workflows the timeline has got since shortly before the claim, whoever made them. */
  entries: number;
}

const incidentIdOf = ({ instance_request: request }: Input) => request.incident_workflow_instance.incident.id;

function watchedSteps({ name, steps }: WorkflowFacts): Watched[] {
  const of = `of the workflow "${shareable(name)}"`;
  const count = steps?.length ?? null;
  const all = { key: 'steps', subject: `The number of steps ${of}`, value: count, words: `${count ?? 'not readable'}` };
  const each = (steps ?? []).flatMap(({ number, name: stepName, action, digest, inputs }): Watched[] => {
    const names = inputs.map((one) => one.name);
    return [
      {
        key: `step ${number}`,
        subject: `Step ${number} ${of}`,
        value: digest,
        words: `"${shareable(stepName)}" (${shareable(action)}${names.length === 0 ? '' : ` with ${listed(names)}`})`,
      },
      // By its place: names may be given twice, and the step watches them.
      ...inputs.map((one, place) => ({
        key: `step ${number} input ${place + 1}`,
        subject: `The input "${one.name}" of step ${number} ${of}`,
        value: one.digest,
        words: `"${oneLine(shareable(one.value), 80)}"`,
      })),
    ];
  });
  return [all, ...each];
}

function watched({ incident, workflow }: Before): Watched[] {
  const name = `incident ${numberOf(incident)}`;
  const service = incident.service;
  const { enabled, nameDigest } = workflow;
  const called = `"${shareable(workflow.name)}"`;
  return [
    { key: 'status', subject: `I${name.slice(1)}`, value: incident.status, words: `"${incident.status}"` },
    {
      key: 'service',
      subject: `The service of ${name}`,
      value: service?.id ?? null,
      words: `"${service?.name ?? 'none'}"`,
    },
    { key: 'name', subject: `The workflow ${workflow.id}`, value: nameDigest, words: called },
    {
      key: 'enabled',
      subject: `The workflow ${called}`,
      value: enabled,
      words: enabled === null ? 'not readable' : enabled ? 'switched on' : 'switched off',
    },
    ...watchedSteps(workflow),
  ];
}

function admit({ incident, workflow }: Before): Verdict {
  const name = shareable(workflow.name);
  if (incident.status === 'resolved') {
    return no(`Incident ${numberOf(incident)} is resolved; workflows are started on open incidents only.`);
  }
  if (workflow.enabled === false) return no(`The workflow "${name}" is switched off; it cannot be started.`);
  if (workflow.steps?.length === 0) return no(`The workflow "${name}" has no steps; it would do nothing.`);
  return yes;
}

const stepLine = ({ number, name, action, inputs }: WorkflowStep): SummaryLine => ({
  label: `Step ${number}`,
  now: null,
  after: [`${name}: ${action}`, ...inputs.map((one) => `${one.name} = ${one.value || '(empty)'}`)].join('\n'),
});

function lines({ incident, workflow }: Before): SummaryLine[] {
  const { name, description, steps } = workflow;
  const facts = [incident.status, `${incident.urgency} urgency`, ...(incident.priority ? [incident.priority] : [])];
  return [
    { label: 'Workflow', now: null, after: description === null ? name : `${name}: ${description}` },
    { label: 'Runs on', now: null, after: `${targetWords(incident)} (${facts.join(', ')})` },
    ...(steps?.map(stepLine) ?? [{ label: 'Steps', now: null, after: 'could not be read' }]),
  ];
}

function effect({ incident, workflow: { steps } }: Before) {
  const assigned = `Assigned to the incident now: ${assigneeWords(incident.assignees)}.`;
  if (steps === null) {
    return {
      known: false,
      lines: ['Its steps could not be read: whom it pages, what it posts and what it runs is not known.', assigned],
    };
  }
  return {
    known: true,
    lines: [
      `Runs ${counted(steps.length, 'step')}, one after the other: ${listed(steps.map(({ name }) => name))}.`,
      'Each step does what it is configured to do: it may page people, post messages and call other systems.',
      'Once started it cannot be stopped or taken back from here.',
      assigned,
    ],
  };
}

function verify(_request: Input, { entries }: After, _attempt: AttemptFacts): Evidence {
  const seen =
    entries === 0
      ? 'The timeline shows nothing about workflows, which proves nothing.'
      : `The timeline has ${counted(entries, 'new entry', 'new entries')} about workflows, perhaps of other runs.`;
  return {
    applied: null,
    because: `PagerDuty does not tell which workflows were started. ${seen} A human must look at the incident and at what the steps would have done.`,
  };
}

const instanceAnswer = z.object({
  incident_workflow_instance: z.object({ id: z.string(), incident: reference.nullish() }),
});

export const startIncidentWorkflow = defineWriteTool<Input, Before, After>({
  name: 'start_incident_workflow',
  title: 'Start an incident workflow',
  description:
    'Run an incident workflow on an incident, with all its steps: it may page people and call other systems.',
  version: 1,
  toolset: 'incident_workflows',
  source: {
    operationId: 'createIncidentWorkflowInstance',
    method: 'POST',
    path: '/incident_workflows/{id}/instances',
    scope: 'incident_workflows:instances.write',
  },
  reads: ['incident_workflows.read', 'incidents.read', 'oncalls.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    workflow_id: 'PWMAJOR',
    instance_request: { incident_workflow_instance: { incident: { id: 'Q1CHECKOUT5XX1' } } },
  },

  async read(pagerduty, request) {
    const [incident, workflow] = await Promise.all([
      readIncident(pagerduty, incidentIdOf(request)),
      readWorkflow(pagerduty, request.workflow_id),
    ]);
    const onCall = await readOnCall(pagerduty, { escalationPolicyIds: policyIdsOf([incident]) });
    return { readAt: new Date().toISOString(), incident, onCall, workflow };
  },
  watched: (_request, facts) => watched(facts),
  admit: (_request, facts) => admit(facts),
  risk: () => ({
    level: 'critical',
    reasons: ['Runs every step of the workflow: it may page people, post messages and call other systems.'],
  }),
  touches: (request, { incident }) => ({
    subjects: [`incident:${incidentIdOf(request)}`],
    escalationPolicyIds: policyIdsOf([incident]),
  }),
  supersedes: () => null,
  summarize: (_request, facts) => ({
    title: `Start the workflow "${facts.workflow.name}" on ${incidentWords(facts.incident)}`,
    target: targetWords(facts.incident),
    services: serviceNamesOf([facts.incident]),
    lines: lines(facts),
    effect: effect(facts),
  }),
  call: (request, { requestId }) => ({
    method: 'POST',
    path: `/incident_workflows/${encodeURIComponent(request.workflow_id)}/instances`,
    body: {
      incident_workflow_instance: {
        id: requestId,
        incident: { id: incidentIdOf(request), type: 'incident_reference' },
      },
    },
  }),
  alsoHolds: nothingElse,
  interpret(request, answer) {
    const { id: instanceId, incident } = instanceAnswer.parse(answer).incident_workflow_instance;
    if (incident && incident.id !== incidentIdOf(request)) throw new TypeError('The answer shows another incident.');
    return { applied: true, result: { instance_id: instanceId }, secrets: [] };
  },
  async readBack(pagerduty, request, attempt) {
    const { anybody } = await readTraces(pagerduty, incidentIdOf(request), attempt);
    return { entries: anybody.filter((type) => type.includes('workflow')).length };
  },
  verify,
  undo: () => ({
    possible: false,
    because: 'A started workflow cannot be stopped; take back by hand what its steps have done.',
  }),
});
