import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { getIncidentWorkflow } from './get-incident-workflow.ts';
import { listIncidentWorkflows } from './list-incident-workflows.ts';
import { startIncidentWorkflow } from './start-incident-workflow.ts';

export const writes = {
  start_incident_workflow: startIncidentWorkflow,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_incident_workflows: listIncidentWorkflows,
  get_incident_workflow: getIncidentWorkflow,
} satisfies Record<string, ReadTool>;
