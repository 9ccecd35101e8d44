/** Who the credential belongs to and what it may do. */
export interface Principal {
  kind: 'account' | 'user' | 'oauth';
  userId: string | null;
  mayWrite: boolean;
  /** Null = not limited by scopes (REST keys). */
  scopes: string[] | null;
}

export interface Sender {
  id: string;
  name: string;
}

export interface Incoming {
  params: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
  now: Date;
  principal: Principal;
  /** The person named in `From`; always there on routes with `from: 'required'`. */
  from: Sender | null;
  /** How the call came in, for log entries. */
  channel: 'api' | 'website';
}

export interface Outgoing {
  status: number;
  /** Undefined = no body. */
  body?: unknown;
}

/** Changes `state` (a copy that is kept only if nothing is refused) and says what to answer. */
export type Handle<State> = (state: State, incoming: Incoming) => Outgoing;

/** What of an applied call goes onto the audit trail. */
export interface Audited {
  root: 'users' | 'teams' | 'schedules' | 'escalation_policies' | 'services';
  action: 'create' | 'update' | 'delete';
}

/** One operation of the API, with as much of the state as it looks at. */
export interface Route<State> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As in PagerDuty's documentation, e.g. `/incidents/{id}`. */
  path: string;
  /** OAuth scope; null = none published. */
  scope: string | null;
  from?: 'required';
  /** True for POSTs that change nothing, e.g. analytics. */
  readsOnly?: true;
  /** What goes onto the audit trail when it was applied; the id is `{id}` of the path or that of the new record. */
  audit?: Audited;
  handle: Handle<State>;
}

/** PagerDuty says no; the state stays as it was. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`answered ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
  }
}

/** A refusal in the usual shape `{error: {message, code, errors}}`. */
export function refusal(status: number, code: number, message: string, errors?: string[]): Refusal {
  return new Refusal(status, { error: { message, code, ...(errors === undefined ? {} : { errors }) } });
}

export const invalid = (...errors: string[]) => refusal(400, 2001, 'Invalid Input Provided', errors);
export const badArguments = (...errors: string[]) => refusal(400, 2002, 'Arguments Caused Error', errors);
export const notFound = () => refusal(404, 2100, 'Not Found');
export const missingFrom = () =>
  refusal(400, 2016, 'You must specify a user\'s email address in the "From" header to perform this action');

/** The record with this id. @throws Refusal 404 when there is none. */
export function found<T extends { id: string }>(records: readonly T[], id: string | undefined): T {
  const record = records.find((candidate) => candidate.id === id);
  if (record === undefined) throw notFound();
  return record;
}

export function isWrite(route: Route<never>): boolean {
  return route.method !== 'GET' && route.readsOnly !== true;
}
