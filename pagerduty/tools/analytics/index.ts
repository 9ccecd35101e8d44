import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { getIncidentMetricsAll } from './get-incident-metrics-all.ts';
import { getIncidentMetricsByService } from './get-incident-metrics-by-service.ts';
import { getIncidentMetricsByTeam } from './get-incident-metrics-by-team.ts';
import { getResponderLoadMetrics } from './get-responder-load-metrics.ts';
import { getResponderMetrics } from './get-responder-metrics.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  get_responder_metrics: getResponderMetrics,
  get_incident_metrics_by_service: getIncidentMetricsByService,
  get_incident_metrics_by_team: getIncidentMetricsByTeam,
  get_responder_load_metrics: getResponderLoadMetrics,
  get_incident_metrics_all: getIncidentMetricsAll,
} satisfies Record<string, ReadTool>;
