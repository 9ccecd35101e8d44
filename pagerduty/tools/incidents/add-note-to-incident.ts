import type { z } from 'zod';
import { noteAnswer, notesAnswer } from '../../schemas.ts';
import { type AttemptFacts, defineWriteTool, type Evidence, type Watched } from '../../write-tool.ts';
import { endsWithMarker, isMarked, isMarkedForm, marked } from '../evidence/marker.ts';
import { earliest, readTraces, type Traces } from '../evidence/traces.ts';
import { nothingElse, yes } from '../evidence/watching.ts';
import {
  incidentWords,
  numberOf,
  oneIncident,
  policyIdsOf,
  readIncident,
  serviceNamesOf,
  targetWords,
} from '../facts/incidents.ts';
import { readOnCall } from '../facts/people.ts';
import { incidentId, text, toolInput } from '../input/parameters.ts';
import { strictest, textRisks } from '../words/risks.ts';
import { whole } from '../words/wording.ts';

const input = toolInput({
  incident_id: incidentId,
  note: text({ max: 2_000 }).describe('Text of the note, at most 2,000 characters.'),
});
type Input = z.infer<typeof input>;
type Before = z.infer<typeof oneIncident>;

interface After {
  /** All notes of the incident; PagerDuty does not page them. */
  notes: { content: string; userId: string | null; createdAt: string | null }[];
  traces: Traces;
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

/**
 * A missing note may have been deleted or edited, but its entry on the timeline stays. So the absence is proven only
 * when every such entry of the approver belongs to a note that another request of ours wrote.
 */
function verify(_request: Input, { notes, traces }: After, attempt: AttemptFacts): Evidence {
  if (notes.some(({ content }) => isMarked(content, attempt.requestId))) {
    return { applied: true, because: 'The incident has the note with the mark of this request.', result: null };
  }
  const entries = [...traces.ours, ...traces.unclear].filter((type) => type === 'annotate_log_entry');
  // A minute inside the window, so that no note is counted whose entry was not read.
  const from = earliest(attempt).getTime() + 60_000;
  const explained = notes.filter(
    ({ content, userId, createdAt }) =>
      userId === attempt.fromUserId && endsWithMarker(content) && Date.parse(createdAt ?? '') >= from,
  );
  if (traces.complete && entries.length <= explained.length) {
    return { applied: false, because: 'No note has the mark of this request, and the timeline shows no deleted one.' };
  }
  return {
    applied: null,
    because:
      'No note has the mark of this request, but the timeline shows that one may have been there and is deleted or changed. A human must look.',
  };
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
  reads: ['incidents.read', 'oncalls.read'],
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
  watched: (_request, before) => watched(before),
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
  alsoHolds: nothingElse,
  interpret({ note }, body) {
    const { id, content } = noteAnswer.parse(body).note;
    if (!isMarkedForm(content, note)) throw new TypeError('The answer shows another note.');
    return { applied: true, result: { note_id: id }, secrets: [] };
  },
  async readBack(pagerduty, { incident_id: id }, attempt) {
    const { notes } = await pagerduty.get(`/incidents/${encodeURIComponent(id)}/notes`, notesAnswer);
    // The timeline second: then it has the entry of every note that was just read.
    const traces = await readTraces(pagerduty, id, attempt);
    const facts = notes.map(({ content, user, created_at: createdAt }) => ({
      content: content ?? '',
      userId: user?.id ?? null,
      createdAt: createdAt ?? null,
    }));
    return { notes: facts, traces };
  },
  verify,
  undo: () => ({
    possible: false,
    because: 'There is no tool that deletes notes; delete it on the timeline of the incident in PagerDuty.',
  }),
});
