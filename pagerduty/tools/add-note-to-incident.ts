import type { z } from 'zod';
import { noteAnswer, notesAnswer } from '../schemas.ts';
import { defineWriteTool } from '../write-tool.ts';
import {
  incidentWords,
  numberOf,
  oneIncident,
  policyIdsOf,
  readIncident,
  serviceNamesOf,
  targetWords,
} from './incidents.ts';
import { isMarked, marked } from './marker.ts';
import { incidentId, text, toolInput } from './parameters.ts';
import { readOnCall } from './people.ts';
import { strictest, textRisks } from './risks.ts';
import { stateOf, unchanged, type Watched, yes } from './watching.ts';
import { whole } from './wording.ts';

const input = toolInput({
  incident_id: incidentId,
  note: text({ max: 2_000 }).describe('Text of the note, at most 2,000 characters.'),
});
type Input = z.infer<typeof input>;
type Before = z.infer<typeof oneIncident>;

/** Contents of all notes of the incident; PagerDuty does not page them. */
interface After {
  notes: string[];
}

// A note does not depend on status or assignees; it must only land on the incident and the service that were shown.
function watched({ incident }: Before): Watched[] {
  const subject = `Incident ${numberOf(incident)}`;
  return [
    { key: 'incident', subject, value: incident.id, words: `"${incident.id}"` },
    {
      key: 'service',
      subject: `The service of incident ${numberOf(incident)}`,
      value: incident.service?.id ?? null,
      words: `"${incident.service?.name ?? 'none'}"`,
    },
  ];
}

export const addNoteToIncident = defineWriteTool<Input, Before, After>({
  name: 'add_note_to_incident',
  title: 'Add a note to an incident',
  description: 'Append a note to the timeline of an incident, for responders and integrations to read.',
  version: 1,
  toolset: 'incidents',
  source: {
    operationId: 'createIncidentNote',
    method: 'POST',
    path: '/incidents/{id}/notes',
    scope: 'incidents.write',
  },
  annotations: { destructiveHint: false, idempotentHint: false },
  needsFrom: true,
  input,
  before: oneIncident,
  example: { incident_id: 'Q1CHECKOUT5XX1', note: 'Error rate is back to normal since the rollback at 14:05 UTC.' },

  async read(pagerduty, { incident_id: id }) {
    const incident = await readIncident(pagerduty, id);
    const onCall = await readOnCall(pagerduty, { escalationPolicyIds: policyIdsOf([incident]) });
    return { readAt: new Date().toISOString(), incident, onCall };
  },
  state: (_request, before) => stateOf(watched(before)),
  admit: () => yes,
  risk({ note }) {
    return strictest([{ level: 'low', reason: 'Adds text to a timeline; pages nobody.' }, ...textRisks(note)]);
  },
  touches: ({ incident_id: id }, { incident }) => ({
    subjects: [`incident:${id}`],
    escalationPolicyIds: policyIdsOf([incident]),
  }),
  supersedes: () => null,
  summarize: ({ note }, { incident }) => ({
    title: `Add a note to ${incidentWords(incident)}`,
    target: targetWords(incident),
    services: serviceNamesOf([incident]),
    lines: [{ label: 'Note', now: null, after: whole(note) }],
    effect: {
      known: true,
      lines: [
        'Pages nobody. Everybody who can see the incident can read it, and integrations may pass it on.',
        'A mark with the id of this request is appended, so that the note can be recognised.',
      ],
    },
  }),
  call: ({ incident_id: id, note }, { requestId }) => ({
    method: 'POST',
    path: `/incidents/${encodeURIComponent(id)}/notes`,
    body: { note: { content: marked(note, requestId) } },
  }),
  precondition: (_request, before, now) => unchanged(watched(before), watched(now)),
  interpret(_request, body) {
    const parsed = noteAnswer.safeParse(body);
    return { applied: true, result: { note_id: parsed.success ? parsed.data.note.id : null } };
  },
  async readBack(pagerduty, { incident_id: id }) {
    const { notes } = await pagerduty.get(`/incidents/${encodeURIComponent(id)}/notes`, notesAnswer);
    return { notes: notes.map(({ content }) => content ?? '') };
  },
  verify(_request, { notes }, { requestId }) {
    return notes.some((content) => isMarked(content, requestId))
      ? { applied: true, because: 'The incident has the note with the mark of this request.' }
      : { applied: false, because: 'No note of the incident has the mark of this request.' };
  },
  undo: () => ({
    possible: false,
    because: 'There is no tool that deletes notes; delete it on the timeline of the incident in PagerDuty.',
  }),
});
