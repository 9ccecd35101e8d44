import { z } from 'zod';
import { instant, newId } from '../ids.ts';
import { pagedAt } from '../on-calls.ts';
import { parsedBody } from '../server/bodies.ts';
import { list, moment, paged, passes } from '../server/query.ts';
import { found, type Handle, invalid, type Route, refusal } from '../server/route.ts';
import { actOf, addLog } from './changes.ts';
import { incidentOf } from './incidents.ts';
import { renderLogEntry, renderNote, renderResponderRequest } from './render.ts';
import type { LogEntry, Responder, Seen } from './state.ts';

const MOST_NOTES = 2000;

const listNotes: Handle<Seen> = (state, { params }) => {
  const incident = incidentOf(state, params.id);
  const notes = state.notes.filter(({ incidentId }) => incidentId === incident.id);
  return { status: 200, body: { notes: notes.map((note) => renderNote(state, note)) } };
};

const newNote = z.object({ note: z.object({ content: z.string() }) });

const postNote: Handle<Seen> = (state, incoming) => {
  const incident = incidentOf(state, incoming.params.id);
  const act = actOf(state, incident, incoming);
  const { content } = parsedBody(newNote, incoming.body).note;
  if (content.trim() === '') throw invalid('Content cannot be empty.');
  if (state.notes.filter(({ incidentId }) => incidentId === incident.id).length >= MOST_NOTES) {
    throw invalid(`An incident can have at most ${MOST_NOTES} notes.`);
  }
  const times = { createdAt: act.at, updatedAt: act.at };
  const note = { id: newId(state, 'P'), incidentId: incident.id, userId: act.by.id, content, ...times };
  state.notes.push(note);
  incident.updatedAt = act.at;
  const agent = { type: 'user_reference' as const, id: act.by.id };
  addLog({ ...act, agent }, 'annotate_log_entry', `Note added by ${act.by.name}`, {
    note: content,
    channel: { type: 'note', summary: content },
  });
  return { status: 200, body: { note: renderNote(state, note) } };
};

const deleteNote: Handle<Seen> = (state, { params, now }) => {
  const incident = incidentOf(state, params.id);
  const note = found(
    state.notes.filter(({ incidentId }) => incidentId === incident.id),
    params.note_id,
  );
  state.notes = state.notes.filter(({ id }) => id !== note.id);
  incident.updatedAt = instant(now);
  return { status: 204 };
};

const targetBody = z.object({
  type: z.enum(['user', 'user_reference', 'escalation_policy', 'escalation_policy_reference']),
  id: z.string(),
});
// Both are in use: the bare target of the schema, and the wrapped one of the examples and the official server.
const eitherTarget = z.union([
  targetBody,
  z
    .object({ responder_request_target: targetBody })
    .transform(({ responder_request_target }) => responder_request_target),
]);
const newRequest = z.object({
  requester_id: z.string(),
  message: z.string(),
  responder_request_targets: z.array(eitherTarget).min(1),
});

type ResponderTarget = { type: 'user_reference' | 'escalation_policy_reference'; id: string };

const asTarget = ({ type, id }: z.infer<typeof targetBody>): ResponderTarget => ({
  type: type.startsWith('user') ? 'user_reference' : 'escalation_policy_reference',
  id,
});

/** The people behind a target now. @throws Refusal 400 when it is unknown. */
function peopleBehind(state: Seen, target: ResponderTarget, now: Date): string[] {
  if (target.type === 'user_reference') {
    if (!state.users.some(({ id }) => id === target.id)) throw invalid('Responder not found');
    return [target.id];
  }
  const policy = state.escalationPolicies.find(({ id }) => id === target.id);
  if (policy === undefined) throw invalid('Escalation policy not found');
  return pagedAt(state, policy, 1, now);
}

const postResponderRequest: Handle<Seen> = (state, { params, body, now, channel }) => {
  const incident = incidentOf(state, params.id);
  const wanted = parsedBody(newRequest, body);
  const requester = state.users.find(({ id }) => id === wanted.requester_id);
  if (requester === undefined) throw refusal(400, 1008, 'Requester User Not Found');
  if (incident.status === 'resolved') throw refusal(400, 1001, 'Incident Already Resolved');
  const at = instant(now);
  const targets = wanted.responder_request_targets.map(asTarget);
  for (const target of targets) {
    const policyIds = target.type === 'user_reference' ? [] : [target.id];
    for (const userId of peopleBehind(state, target, now)) {
      const responder: Responder = {
        state: 'pending',
        userId,
        requesterId: requester.id,
        message: wanted.message,
        requestedAt: at,
        updatedAt: at,
        policyIds,
      };
      incident.responders.push(responder);
    }
  }
  const request = {
    id: newId(state, 'P'),
    requesterId: requester.id,
    requestedAt: at,
    message: wanted.message,
    targets,
  };
  incident.responderRequests.push(request);
  incident.updatedAt = at;
  const agent = { type: 'user_reference' as const, id: requester.id };
  addLog(
    { state, incident, at, channel, agent },
    'responder_request_log_entry',
    `Responders requested by ${requester.name}`,
    {
      note: wanted.message,
    },
  );
  return { status: 200, body: { responder_request: renderResponderRequest(state, incident, request) } };
};

const cancelRequest = z.object({ requester_id: z.string(), responder_request_targets: z.array(eitherTarget).min(1) });

const putResponderCancel: Handle<Seen> = (state, { params, body, now, channel }) => {
  const incident = incidentOf(state, params.id);
  const wanted = parsedBody(cancelRequest, body);
  const requester = state.users.find(({ id }) => id === wanted.requester_id);
  if (requester === undefined) throw refusal(400, 1008, 'Requester User Not Found');
  const at = instant(now);
  const results = wanted.responder_request_targets.map(asTarget).map((target) => {
    const found = incident.responders.filter(({ userId, policyIds }) =>
      target.type === 'user_reference' ? userId === target.id : policyIds.includes(target.id),
    );
    const pending = found.filter((responder) => responder.state === 'pending');
    for (const responder of pending) {
      responder.state = 'user_cancelled';
      responder.updatedAt = at;
    }
    const settled = found.find((responder) => responder.state === 'joined' || responder.state === 'declined');
    return { ...target, result: pending.length > 0 ? 'cancelled' : (settled?.state ?? 'not_found') };
  });
  incident.updatedAt = at;
  const agent = { type: 'user_reference' as const, id: requester.id };
  addLog(
    { state, incident, at, channel, agent },
    'responder_cancel_log_entry',
    `Responders cancelled by ${requester.name}`,
  );
  return { status: 200, body: { responder_request_targets: results } };
};

function newestFirst(state: Seen, query: URLSearchParams, keep: (entry: LogEntry) => boolean) {
  const since = moment(query, 'since')?.getTime() ?? Number.NEGATIVE_INFINITY;
  const until = moment(query, 'until')?.getTime() ?? Number.POSITIVE_INFINITY;
  const matching = state.logEntries
    .filter((entry) => keep(entry) && Date.parse(entry.createdAt) >= since && Date.parse(entry.createdAt) <= until)
    // Entries of one second stay in the order they happened, newest first.
    .reverse()
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { log_entries: records.map((entry) => renderLogEntry(state, entry)), ...page } };
}

const listIncidentLog: Handle<Seen> = (state, { params, query }) => {
  const incident = incidentOf(state, params.id);
  return newestFirst(state, query, ({ incidentId }) => incidentId === incident.id);
};

const listLog: Handle<Seen> = (state, { query }) =>
  newestFirst(state, query, ({ incidentId }) => {
    const incident = state.incidents.find(({ id }) => id === incidentId);
    const service = state.services.find(({ id }) => id === incident?.serviceId);
    return passes(list(query, 'team_ids'), ...(service?.teamIds ?? []));
  });

const getLogEntry: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { log_entry: renderLogEntry(state, found(state.logEntries, params.id)) },
});

export const timelineRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/incidents/{id}/notes', scope: 'incidents.read', handle: listNotes },
  { method: 'POST', path: '/incidents/{id}/notes', scope: 'incidents.write', from: 'required', handle: postNote },
  { method: 'DELETE', path: '/incidents/{id}/notes/{note_id}', scope: 'incidents.write', handle: deleteNote },
  {
    method: 'POST',
    path: '/incidents/{id}/responder_requests',
    scope: 'incidents.write',
    handle: postResponderRequest,
  },
  {
    method: 'PUT',
    path: '/incidents/{id}/responder_requests/cancel',
    scope: 'incidents.write',
    handle: putResponderCancel,
  },
  { method: 'GET', path: '/incidents/{id}/log_entries', scope: 'incidents.read', handle: listIncidentLog },
  { method: 'GET', path: '/log_entries', scope: 'incidents.read', handle: listLog },
  { method: 'GET', path: '/log_entries/{id}', scope: 'incidents.read', handle: getLogEntry },
];
