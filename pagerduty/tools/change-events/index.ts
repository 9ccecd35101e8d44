import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { getChangeEvent } from './get-change-event.ts';
import { listChangeEvents } from './list-change-events.ts';
import { listIncidentChangeEvents } from './list-incident-change-events.ts';
import { listServiceChangeEvents } from './list-service-change-events.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_change_events: listChangeEvents,
  get_change_event: getChangeEvent,
  list_service_change_events: listServiceChangeEvents,
  list_incident_change_events: listIncidentChangeEvents,
} satisfies Record<string, ReadTool>;
