import { z } from 'zod';
import { teams } from './company.ts';
import { type Counter, instant, newId } from './ids.ts';
import { incidentReference } from './incidents/render.ts';
import type { Incidents } from './incidents/state.ts';
import { type Names, reference, teamReferences } from './references.ts';
import { idOf, parsedBody } from './server/bodies.ts';
import { includes, nameMatches, paged } from './server/query.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';

interface Step {
  id: string;
  name: string;
  /** The action's own description. */
  description: string;
  actionId: string;
  inputs: { name: string; value: string }[];
  /** What a condition or a loop runs. */
  inner: Step[];
}

interface Workflow {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
  teamId: string | null;
  createdAt: string;
  steps: Step[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface Workflows {
  workflows: {
    workflows: Workflow[];
    /** What was started; PagerDuty has no way to ask for it, and its timeline has no entry for it. */
    instances: { id: string; givenId: string | null; workflowId: string; incidentId: string; startedAt: string }[];
  };
}

type Seen = Counter & Workflows & Incidents & Names<'teams'>;

export const workflows = {
  /** Five steps, one of them inside a condition, one with a secret in its inputs. */
  major: { id: 'PWMAJOR', name: 'Major incident' },
  /** One step. */
  notifySupport: { id: 'PWSUPPT', name: 'Tell customer support' },
  /** Switched off. */
  oldBridge: { id: 'PWBRIDG', name: 'Open the conference bridge' },
} as const;

export const emptyWorkflows = (): Workflows => ({ workflows: { workflows: [], instances: [] } });

/** What Northwind Parcel has of it. */
export function seedWorkflows(): Workflows {
  const createdAt = '2024-03-11T09:30:00Z';
  const step = (
    id: string,
    name: string,
    [description, actionId]: [string, string],
    inputs: Record<string, string>,
    inner: Step[] = [],
  ): Step => ({
    id,
    name,
    description,
    actionId,
    inputs: Object.entries(inputs).map(([input, value]) => ({ name: input, value })),
    inner,
  });
  const responders: [string, string] = ['Adds responders', 'pagerduty.com:incident-workflows:add-responders:3'];
  const update: [string, string] = ['Posts a status update', 'pagerduty.com:incident-workflows:send-status-update:5'];
  const channel: [string, string] = ['Creates a Slack channel', 'pagerduty.com:slack:create-a-channel:4'];
  const webhook: [string, string] = ['Calls a web address', 'pagerduty.com:incident-workflows:send-webhook-post:2'];
  const condition: [string, string] = [
    'Runs steps if it holds',
    'pagerduty.com:logic:incident-workflows-single-gate:2',
  ];
  const bridge: [string, string] = ['Adds a bridge', 'pagerduty.com:incident-workflows:add-conference-bridge:2'];
  const made: Workflow[] = [
    {
      ...workflows.major,
      description: 'Gathers people and tells everybody.',
      enabled: true,
      teamId: teams.commerce.id,
      createdAt,
      steps: [
        step('PWSTEP1', 'Open the channel', channel, {
          'Channel Name': 'inc-{{incident.incident_number}}',
          Visibility: 'Public',
        }),
        step('PWSTEP2', 'Call the incident lead', responders, {
          Message: 'A major incident needs a lead.',
          Responders: 'escalation_policy:PETRACK',
        }),
        step('PWSTEP3', 'Only for P1', condition, { Condition: "incident.priority matches 'P1'" }, [
          step('PWSTEP4', 'Tell subscribers', update, { Message: 'We are on it. Next update in 30 minutes.' }),
        ]),
        step('PWSTEP5', 'Freeze deploys', webhook, {
          URL: 'https://deploys.northwind.example/freeze',
          Headers: 'Authorization: token=nwp_5c1f0a9be7d24',
        }),
      ],
    },
    {
      ...workflows.notifySupport,
      description: '',
      enabled: true,
      teamId: null,
      createdAt,
      steps: [step('PWSTEP6', 'Tell support', update, { Message: 'Please expect calls from customers.' })],
    },
    {
      ...workflows.oldBridge,
      description: 'Replaced by the channel.',
      enabled: false,
      teamId: teams.logistics.id,
      createdAt,
      steps: [step('PWSTEP7', 'Add the bridge', bridge, { URL: 'https://meet.northwind.example/bridge' })],
    },
  ];
  return { workflows: { workflows: made, instances: [] } };
}

function renderStep(step: Step): object {
  return {
    ...reference('step', step.id, step.name),
    self: null,
    html_url: null,
    name: step.name,
    description: step.description,
    action_configuration: {
      action_id: step.actionId,
      description: step.description,
      inputs: step.inputs.map(({ name, value }) => ({ name, parameter_type: 'text', value })),
      ...(step.inner.length === 0
        ? {}
        : { inline_steps_inputs: [{ name: 'Actions', value: { steps: step.inner.map(renderStep) } }] }),
    },
  };
}

function render(state: Seen, workflow: Workflow, what: { steps: boolean; team: boolean }) {
  const { id, name, description, teamId } = workflow;
  const [team] = teamId === null ? [] : teamReferences(state, [teamId]);
  return {
    ...reference('incident_workflow', id, name),
    name,
    description,
    created_at: workflow.createdAt,
    is_enabled: workflow.enabled,
    // Without being asked to expand it, PagerDuty shows no more than the team's id.
    ...(team === undefined ? {} : { team: what.team ? team : { id: team.id, type: team.type } }),
    ...(what.steps ? { steps: workflow.steps.map(renderStep) } : {}),
  };
}

const listWorkflows: Handle<Seen> = (state, { query }) => {
  const matching = state.workflows.workflows.filter(({ name }) => nameMatches(query, name));
  const { records, page } = paged({ query }, matching);
  const what = { steps: includes(query, 'steps'), team: includes(query, 'team') };
  return { status: 200, body: { incident_workflows: records.map((one) => render(state, one, what)), ...page } };
};

const getWorkflow: Handle<Seen> = (state, { params }) => {
  const workflow = found(state.workflows.workflows, params.id);
  return { status: 200, body: { incident_workflow: render(state, workflow, { steps: true, team: false }) } };
};

const newInstance = z.object({
  incident_workflow_instance: z.object({
    id: z.string().optional(),
    incident: idOf.extend({ type: z.literal('incident_reference').optional() }),
  }),
});

const postInstance: Handle<Seen> = (state, { params, body, now }) => {
  const workflow = found(state.workflows.workflows, params.id);
  const wanted = parsedBody(newInstance, body).incident_workflow_instance;
  const incident = state.incidents.find(({ id }) => id === wanted.incident.id);
  if (incident === undefined) throw invalid('Incident not found');
  if (!workflow.enabled) throw invalid('Incident Workflow is disabled');
  const id = newId(state, 'P');
  state.workflows.instances.push({
    id,
    givenId: wanted.id ?? null,
    workflowId: workflow.id,
    incidentId: incident.id,
    startedAt: instant(now),
  });
  const instance = { id, type: 'incident_workflow_instance', incident: incidentReference(incident) };
  return { status: 201, body: { incident_workflow_instance: instance } };
};

export const workflowRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/incident_workflows', scope: 'incident_workflows.read', handle: listWorkflows },
  { method: 'GET', path: '/incident_workflows/{id}', scope: 'incident_workflows.read', handle: getWorkflow },
  {
    method: 'POST',
    path: '/incident_workflows/{id}/instances',
    scope: 'incident_workflows:instances.write',
    handle: postInstance,
  },
];
