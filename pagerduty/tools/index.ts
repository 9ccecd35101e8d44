import type { ReadTool } from '../read-tool.ts';
import type { WriteTool } from '../write-tool.ts';
import * as alertGrouping from './alert-grouping/index.ts';
import * as alerts from './alerts/index.ts';
import * as analytics from './analytics/index.ts';
import * as businessServices from './business-services/index.ts';
import * as changeEvents from './change-events/index.ts';
import * as escalationPolicies from './escalation-policies/index.ts';
import * as eventOrchestrations from './event-orchestrations/index.ts';
import * as incidentWorkflows from './incident-workflows/index.ts';
import * as incidents from './incidents/index.ts';
import * as logEntries from './log-entries/index.ts';
import * as oncall from './oncall/index.ts';
import * as priorities from './priorities/index.ts';
import * as schedules from './schedules/index.ts';
import * as schedulesV3 from './schedules-v3/index.ts';
import * as services from './services/index.ts';
import * as statusPages from './status-pages/index.ts';
import * as teams from './teams/index.ts';
import * as users from './users/index.ts';
import * as webhooks from './webhooks/index.ts';

/** Every write an agent may ask for, by its name. */
export const writeTools = {
  ...incidents.writes,
  ...alerts.writes,
  ...logEntries.writes,
  ...oncall.writes,
  ...priorities.writes,
  ...services.writes,
  ...businessServices.writes,
  ...escalationPolicies.writes,
  ...schedules.writes,
  ...schedulesV3.writes,
  ...users.writes,
  ...teams.writes,
  ...changeEvents.writes,
  ...incidentWorkflows.writes,
  ...alertGrouping.writes,
  ...eventOrchestrations.writes,
  ...statusPages.writes,
  ...analytics.writes,
  ...webhooks.writes,
} satisfies Record<string, WriteTool>;

/** Every read an agent may make, by its name. What is a read is this table's word, not the HTTP verb's. */
export const readTools = {
  ...incidents.reads,
  ...alerts.reads,
  ...logEntries.reads,
  ...oncall.reads,
  ...priorities.reads,
  ...services.reads,
  ...businessServices.reads,
  ...escalationPolicies.reads,
  ...schedules.reads,
  ...schedulesV3.reads,
  ...users.reads,
  ...teams.reads,
  ...changeEvents.reads,
  ...incidentWorkflows.reads,
  ...alertGrouping.reads,
  ...eventOrchestrations.reads,
  ...statusPages.reads,
  ...analytics.reads,
  ...webhooks.reads,
} satisfies Record<string, ReadTool>;

export type WriteToolName = keyof typeof writeTools;
export type ReadToolName = keyof typeof readTools;

/** The write tool of that name, if there is one. Names come from outside, so inherited keys do not count. */
export function findWriteTool(name: string): WriteTool | undefined {
  const tools: Record<string, WriteTool> = writeTools;
  return Object.hasOwn(tools, name) ? tools[name] : undefined;
}

/** The read tool of that name, if there is one. */
export function findReadTool(name: string): ReadTool | undefined {
  const tools: Record<string, ReadTool> = readTools;
  return Object.hasOwn(tools, name) ? tools[name] : undefined;
}
