import { type Counter, instant, newId } from './ids.ts';
import { reference } from './references.ts';
import { list, moment, passes } from './server/query.ts';
import type { Audited, Handle, Incoming, Outgoing, Route } from './server/route.ts';

/** One line of the audit trail; nothing ever changes or removes one. */
interface AuditRecord extends Audited {
  id: string;
  at: string;
  rootId: string;
  actorId: string | null;
}

/** What the playable PagerDuty keeps of this domain. */
export interface AuditTrail {
  auditRecords: AuditRecord[];
}

export const emptyAuditTrail = (): AuditTrail => ({ auditRecords: [] });

const NOUNS: Record<Audited['root'], string> = {
  users: 'user',
  teams: 'team',
  schedules: 'schedule',
  escalation_policies: 'escalation_policy',
  services: 'service',
};

function idIn(body: unknown): string | null {
  const [record] = body !== null && typeof body === 'object' ? Object.values(body) : [];
  const id: unknown = record !== null && typeof record === 'object' ? (record as { id?: unknown }).id : null;
  return typeof id === 'string' ? id : null;
}

/** Writes an applied call down on the audit trail, if its route says so. */
export function writeAudit(
  state: AuditTrail & Counter,
  { audit }: { audit?: Audited },
  { params, from, principal, now }: Incoming,
  { body }: Outgoing,
) {
  if (audit === undefined) return;
  const { root, action } = audit;
  state.auditRecords.push({
    id: newId(state, 'P'),
    at: instant(now),
    root,
    rootId: params.id ?? idIn(body) ?? '',
    action,
    actorId: from?.id ?? principal.userId,
  });
}

function render(record: AuditRecord) {
  const noun = NOUNS[record.root];
  const root = { ...reference(`${noun}_reference`, record.rootId, noun) };
  return {
    id: record.id,
    self: null,
    execution_time: record.at,
    execution_context: null,
    actors: record.actorId === null ? [] : [reference('user_reference', record.actorId, 'user')],
    method: { type: 'api_token', truncated_token: null, description: null },
    root_resource: root,
    action: record.action,
    details: { resource: root, fields: null, references: null },
  };
}

function answer(state: AuditTrail, { query, now }: Incoming, wanted: (record: AuditRecord) => boolean): Outgoing {
  const since = moment(query, 'since') ?? new Date(now.getTime() - 86_400_000);
  const until = moment(query, 'until') ?? now;
  const limit = Number(query.get('limit') ?? 100);
  const records = state.auditRecords
    .filter(
      (record) => wanted(record) && new Date(record.at) >= new Date(instant(since)) && new Date(record.at) <= until,
    )
    .reverse();
  return { status: 200, body: { records: records.slice(0, limit).map(render), next_cursor: null, limit } };
}

const listAll: Handle<AuditTrail> = (state, incoming) => {
  const [roots, actions] = [list(incoming.query, 'root_resource_types'), list(incoming.query, 'actions')];
  return answer(state, incoming, ({ root, action }) => passes(roots, root) && passes(actions, action));
};

const of =
  (root: Audited['root']): Handle<AuditTrail> =>
  (state, incoming) =>
    answer(state, incoming, (record) => record.root === root && record.rootId === incoming.params.id);

const scope = 'audit_records.read';

export const auditRoutes: Route<AuditTrail>[] = [
  { method: 'GET', path: '/audit/records', scope, handle: listAll },
  { method: 'GET', path: '/users/{id}/audit/records', scope, handle: of('users') },
  { method: 'GET', path: '/teams/{id}/audit/records', scope, handle: of('teams') },
  { method: 'GET', path: '/services/{id}/audit/records', scope, handle: of('services') },
  { method: 'GET', path: '/escalation_policies/{id}/audit/records', scope, handle: of('escalation_policies') },
  { method: 'GET', path: '/schedules/{id}/audit/records', scope, handle: of('schedules') },
  { method: 'GET', path: '/v3/schedules/{id}/audit/records', scope, handle: of('schedules') },
];
