import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { block, line, ref, shownName } from '../words/answers.ts';
import { counted } from '../words/wording.ts';
import { stepsOf, workflowAnswer } from './workflows.ts';

const input = toolInput({ workflow_id: id('incident workflow') });

export const getIncidentWorkflow = defineReadTool<z.infer<typeof input>>({
  name: 'get_incident_workflow',
  title: 'Read an incident workflow',
  description: 'Read one incident workflow with its steps and their inputs; secrets are left out.',
  toolset: 'incident_workflows',
  source: { operationId: 'getIncidentWorkflow', path: '/incident_workflows/{id}', scope: 'incident_workflows.read' },
  reads: ['incident_workflows.read'],
  input,
  example: { workflow_id: 'PWMAJOR' },
  async run(pagerduty, { workflow_id: workflowId }) {
    const path = `/incident_workflows/${encodeURIComponent(workflowId)}`;
    const { incident_workflow: workflow } = await pagerduty.get(path, workflowAnswer);
    const steps = stepsOf(workflow) ?? [];
    return {
      answer: {
        incident_workflow: {
          id: workflow.id,
          name: shownName(workflow),
          description: line(workflow.description),
          enabled: workflow.is_enabled ?? null,
          team: ref(workflow.team),
          created_at: workflow.created_at ?? null,
          steps: steps.map(({ number, name, action, inputs }) => ({
            number,
            name: line(name),
            action: line(action),
            inputs: inputs.map((one) => ({ name: line(one.name), value: block(one.value) })),
          })),
        },
      },
      text: `The workflow "${shownName(workflow)}" has ${counted(steps.length, 'step')}.`,
    };
  },
});
