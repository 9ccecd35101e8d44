import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { Question, ReadClient } from '../../read-client.ts';
import { ids, optional, timeZone, urgency } from '../input/parameters.ts';
import { line } from '../words/answers.ts';
import { clock, counted } from '../words/wording.ts';

/** So many rows are shown; a large account has thousands of services. */
const MOST_ROWS = 100;

const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

/** A day stands for its first moment in UTC, since PagerDuty wants a time. */
const moment = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)), 'Must be an ISO 8601 date or time.')
  .meta({ format: 'date-time' })
  .transform((value) => (DATE_ONLY.test(value) ? `${value}T00:00:00Z` : value));

const order = {
  urgency: optional(urgency),
  time_zone: timeZone,
  order: optional(z.enum(['asc', 'desc'])),
  order_by: optional(z.string().regex(/^[a-z0-9_]{1,60}$/, 'Must be the name of a figure.')).describe(
    'A figure, like total_incident_count.',
  ),
};

/** What questions about incidents take: at most one year. */
export const incidentQuestion = {
  created_at_start: moment,
  created_at_end: moment.describe('At most one year later.'),
  team_ids: ids('team'),
  service_ids: ids('service'),
  ...order,
};

/** What questions about people take: at most one year. */
export const responderQuestion = {
  date_range_start: moment,
  date_range_end: moment.describe('At most one year later.'),
  team_ids: ids('team'),
  ...order,
};

const LABELS = ['range_start', 'team_id', 'team_name', 'service_id', 'service_name', 'responder_id', 'responder_name'];

const SHARED = [
  'total_incident_count',
  'total_incidents_acknowledged',
  'total_notifications',
  'total_interruptions',
  'total_business_hour_interruptions',
  'total_off_hour_interruptions',
  'total_sleep_hour_interruptions',
  'mean_engaged_seconds',
  'total_engaged_seconds',
];

const OF_INCIDENTS = [
  ...SHARED,
  'total_incidents_auto_resolved',
  'total_incidents_manual_escalated',
  'total_incidents_timeout_escalated',
  'total_incidents_reassigned',
  'total_escalation_count',
  'total_snoozed_seconds',
  'mean_assignment_count',
  'mean_engaged_user_count',
  'mean_seconds_to_engage',
  'mean_seconds_to_first_ack',
  'mean_seconds_to_mobilize',
  'mean_seconds_to_resolve',
  'p50_seconds_to_first_ack',
  'p75_seconds_to_first_ack',
  'p90_seconds_to_first_ack',
  'p95_seconds_to_first_ack',
  'p50_seconds_to_resolve',
  'p75_seconds_to_resolve',
  'p90_seconds_to_resolve',
  'p95_seconds_to_resolve',
  'up_time_pct',
];

const OF_RESPONDERS = [
  ...SHARED,
  'total_incidents_manual_escalated_from',
  'total_incidents_manual_escalated_to',
  'total_incidents_reassigned_from',
  'total_incidents_reassigned_to',
  'total_incidents_timeout_escalated_from',
  'total_incidents_timeout_escalated_to',
  'total_seconds_on_call',
  'total_seconds_on_call_level_1',
  'total_seconds_on_call_level_2_plus',
  'mean_time_to_acknowledge_seconds',
];

const row = z.record(z.string(), z.unknown());
type Row = z.infer<typeof row>;

const answer = z.object({ data: z.array(row) });

/** Names as one line, figures as numbers; what PagerDuty could not measure is left out, and so is everything unknown. */
function shown(found: Row, figures: string[]): JsonObject {
  const labels = LABELS.flatMap((name) => {
    const value = found[name];
    return typeof value === 'string' || typeof value === 'number' ? [[name, line(String(value))] as const] : [];
  });
  const numbers = figures.flatMap((name) => {
    const value = found[name];
    return typeof value === 'number' ? [[name, value] as const] : [];
  });
  return Object.fromEntries([...labels, ...numbers]);
}

type Members = Record<string, string | string[] | undefined>;

export interface Wanted {
  question: Question;
  about: 'incidents' | 'responders';
  /** What a row is about; null = all together. */
  per: { noun: string; plural: string } | null;
  range: { start: string; end: string };
  filters: Members;
  /** Order, time zone, and the unit of time that a row covers. */
  settings: Members;
}

/** Only what was given: PagerDuty takes no nulls here. */
const present = (members: Members): JsonObject =>
  Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

async function rowsOf(pagerduty: ReadClient, wanted: Wanted): Promise<Row[]> {
  const body = { filters: present(wanted.filters), ...present(wanted.settings) };
  try {
    return (await pagerduty.pose(wanted.question, answer, body)).data;
  } catch (error) {
    if (!(error instanceof PagerDutyError) || error.kind !== 'forbidden') throw error;
    throw new PagerDutyError(
      'forbidden',
      'PagerDuty refused: although it changes nothing, this question needs the OAuth scope analytics.write or a key that may POST, which a read-only key is not. Whoever runs Countersign can give it one.',
      { status: error.status ?? 403, code: error.code, cause: error },
    );
  }
}

/**
 * Reads figures of PagerDuty and keeps an allow-list of them; at most 100 rows.
 * @throws PagerDutyError; `forbidden` says which right is missing.
 */
export async function figures(pagerduty: ReadClient, wanted: Wanted): Promise<{ answer: JsonObject; text: string }> {
  const all = await rowsOf(pagerduty, wanted);
  const names = wanted.about === 'incidents' ? OF_INCIDENTS : OF_RESPONDERS;
  const rows = all.slice(0, MOST_ROWS).map((found) => shown(found, names));
  const more = all.length > rows.length;
  const { start, end } = wanted.range;
  const what = wanted.per === null ? 'Figures' : counted(rows.length, wanted.per.noun, wanted.per.plural);
  const cut = more ? `; ${all.length - rows.length} more exist, narrow the filters` : '';
  return { answer: { metrics: rows, more }, text: `${what} from ${clock(start)} until ${clock(end)}${cut}.` };
}
