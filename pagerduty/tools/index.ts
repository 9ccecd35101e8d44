import type { ReadTool } from '../read-tool.ts';
import type { WriteTool } from '../write-tool.ts';
import { addNoteToIncident } from './add-note-to-incident.ts';
import { addResponders } from './add-responders.ts';
import { createIncident } from './create-incident.ts';
import { createScheduleOverride } from './create-schedule-override.ts';
import { getEscalationPolicy } from './get-escalation-policy.ts';
import { getIncident } from './get-incident.ts';
import { getSchedule } from './get-schedule.ts';
import { getService } from './get-service.ts';
import { listAlertsFromIncident } from './list-alerts-from-incident.ts';
import { listEscalationPolicies } from './list-escalation-policies.ts';
import { listIncidents } from './list-incidents.ts';
import { listLogEntries } from './list-log-entries.ts';
import { listOncalls } from './list-oncalls.ts';
import { listSchedules } from './list-schedules.ts';
import { listServices } from './list-services.ts';
import { listUsers } from './list-users.ts';
import { manageIncidents } from './manage-incidents.ts';
import { updateEscalationPolicy } from './update-escalation-policy.ts';

/** Every write an agent may ask for, by its name. */
export const writeTools = {
  manage_incidents: manageIncidents,
  add_note_to_incident: addNoteToIncident,
  create_incident: createIncident,
  add_responders: addResponders,
  create_schedule_override: createScheduleOverride,
  update_escalation_policy: updateEscalationPolicy,
} satisfies Record<string, WriteTool>;

/** Every read an agent may make, by its name. What is a read is this table's word, not the HTTP verb's. */
export const readTools = {
  list_incidents: listIncidents,
  get_incident: getIncident,
  list_alerts_from_incident: listAlertsFromIncident,
  list_oncalls: listOncalls,
  list_services: listServices,
  get_service: getService,
  list_escalation_policies: listEscalationPolicies,
  get_escalation_policy: getEscalationPolicy,
  list_schedules: listSchedules,
  get_schedule: getSchedule,
  list_users: listUsers,
  list_log_entries: listLogEntries,
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
