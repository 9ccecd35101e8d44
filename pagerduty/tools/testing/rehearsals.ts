import { rehearsals as alertGrouping } from '../alert-grouping/rehearsal.ts';
import { rehearsals as escalationPolicies } from '../escalation-policies/rehearsal.ts';
import { rehearsals as eventOrchestrations } from '../event-orchestrations/rehearsal.ts';
import { rehearsals as incidentWorkflows } from '../incident-workflows/rehearsal.ts';
import { rehearsals as incidents } from '../incidents/rehearsal.ts';
import { rehearsals as schedules } from '../schedules/rehearsal.ts';
import { rehearsals as schedulesV3 } from '../schedules-v3/rehearsal.ts';
import { rehearsals as services } from '../services/rehearsal.ts';
import { rehearsals as statusPages } from '../status-pages/rehearsal.ts';
import { rehearsals as teams } from '../teams/rehearsal.ts';
import { rehearsals as users } from '../users/rehearsal.ts';
import { rehearsals as webhooks } from '../webhooks/rehearsal.ts';
import type { Rehearsal, Rehearsals } from './rehearsal.ts';

const all: Rehearsals = {
  ...alertGrouping,
  ...escalationPolicies,
  ...eventOrchestrations,
  ...incidentWorkflows,
  ...incidents,
  ...schedules,
  ...schedulesV3,
  ...services,
  ...statusPages,
  ...teams,
  ...users,
  ...webhooks,
};

/** What a test needs to know about that write. @throws Error when nobody wrote it down. */
export function findRehearsal(tool: string): Rehearsal {
  const found = Object.hasOwn(all, tool) ? all[tool] : undefined;
  if (found === undefined) throw new Error(`${tool} has no rehearsal`);
  return found;
}
