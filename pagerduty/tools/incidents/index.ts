import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { addNoteToIncident } from './add-note-to-incident.ts';
import { addResponders } from './add-responders.ts';
import { createIncident } from './create-incident.ts';
import { getIncident } from './get-incident.ts';
import { listIncidents } from './list-incidents.ts';
import { manageIncidents } from './manage-incidents.ts';

export const writes = {
  create_incident: createIncident,
  manage_incidents: manageIncidents,
  add_responders: addResponders,
  add_note_to_incident: addNoteToIncident,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_incidents: listIncidents,
  get_incident: getIncident,
} satisfies Record<string, ReadTool>;
