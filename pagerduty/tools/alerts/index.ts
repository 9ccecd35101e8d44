import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { getAlertFromIncident } from './get-alert-from-incident.ts';
import { listAlertsFromIncident } from './list-alerts-from-incident.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_alerts_from_incident: listAlertsFromIncident,
  get_alert_from_incident: getAlertFromIncident,
} satisfies Record<string, ReadTool>;
