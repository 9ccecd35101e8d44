import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { addNoteToIncident } from './add-note-to-incident.ts';
import { addResponders } from './add-responders.ts';
import { createIncident } from './create-incident.ts';
import { getIncident } from './get-incident.ts';
import { getOutlierIncident } from './get-outlier-incident.ts';
import { getPastIncidents } from './get-past-incidents.ts';
import { getRelatedIncidents } from './get-related-incidents.ts';
import { listIncidentNotes } from './list-incident-notes.ts';
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
  get_outlier_incident: getOutlierIncident,
  get_past_incidents: getPastIncidents,
  get_related_incidents: getRelatedIncidents,
  list_incident_notes: listIncidentNotes,
} satisfies Record<string, ReadTool>;
