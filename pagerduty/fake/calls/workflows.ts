import { incidents } from '../company.ts';
import { workflows } from '../workflows.ts';
import type { DrivenCall } from './call.ts';

const instance = { id: 'judge-1', incident: { id: incidents.checkout5xx.id, type: 'incident_reference' } };

export const workflowsCalls: DrivenCall[] = [
  ['GET', '/incident_workflows?query=major&include[]=steps&include[]=team&limit=5&total=true'],
  ['GET', `/incident_workflows/${workflows.major.id}`],
  ['POST', `/incident_workflows/${workflows.major.id}/instances`, { incident_workflow_instance: instance }],
];
