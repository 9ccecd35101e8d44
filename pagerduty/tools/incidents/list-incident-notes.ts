import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { notesAnswer } from '../../schemas.ts';
import { DEFAULT_LIMIT, incidentIdOrNumber, limit, toolInput } from '../input/parameters.ts';
import { block, listSentence, ref } from '../words/answers.ts';

const input = toolInput({ incident_id: incidentIdOrNumber, limit });

export const listIncidentNotes = defineReadTool<z.infer<typeof input>>({
  name: 'list_incident_notes',
  title: 'List the notes of an incident',
  description: 'List the notes that people and integrations wrote on an incident, newest first.',
  toolset: 'incidents',
  source: { operationId: 'listIncidentNotes', path: '/incidents/{id}/notes', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { incident_id: '4815' },
  async run(pagerduty, { incident_id: id, limit: wanted = DEFAULT_LIMIT }) {
    // PagerDuty does not page notes, and an incident may have thousands.
    const { notes } = await pagerduty.get(`/incidents/${encodeURIComponent(id)}/notes`, notesAnswer);
    const newest = notes.toSorted((a, b) => Date.parse(b.created_at ?? '') - Date.parse(a.created_at ?? ''));
    const found = { items: newest.slice(0, wanted), more: newest.length > wanted };
    const shown = found.items.map((note) => ({
      id: note.id,
      content: block(note.content),
      created_at: note.created_at ?? null,
      user: ref(note.user),
    }));
    return { answer: { notes: shown, more: found.more }, text: listSentence(found, 'note') };
  },
});
