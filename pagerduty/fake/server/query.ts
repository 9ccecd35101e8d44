import { badArguments, type Incoming, invalid } from './route.ts';

const OFFSET_LIMIT = 10_000;

/** `name[]=` values; null when the parameter is absent. */
export function list(query: URLSearchParams, name: string): string[] | null {
  const values = query.getAll(`${name}[]`);
  return values.length === 0 ? null : values;
}

/** True when the parameter is absent or holds one of `values`. */
export function passes(wanted: string[] | null, ...values: (string | null)[]): boolean {
  return wanted === null || values.some((value) => value !== null && wanted.includes(value));
}

export function includes(query: URLSearchParams, what: string): boolean {
  return list(query, 'include')?.includes(what) ?? false;
}

/** A moment from the query; null when absent. @throws Refusal 400 when it is no date. */
export function moment(query: URLSearchParams, name: string): Date | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw invalid(`${name} is not a valid date.`);
  return date;
}

/** Case-insensitive part of a name, as `query=` does. */
export function nameMatches(query: URLSearchParams, name: string): boolean {
  const wanted = query.get('query');
  return wanted === null || name.toLowerCase().includes(wanted.toLowerCase());
}

function whole(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw invalid(`${name} must be a whole number.`);
  return value;
}

export interface Page {
  limit: number;
  offset: number;
  more: boolean;
  total: number | null;
}

/**
 * Classic pagination: limit 25 unless asked (at most `most`), `total` only when asked for.
 * @throws Refusal 400/2002 beyond the 10,000th record.
 */
export function paged<T>({ query }: Pick<Incoming, 'query'>, records: T[], most = 100): { records: T[]; page: Page } {
  const limit = Math.min(whole(query, 'limit', Math.min(most, 25)), most);
  const offset = whole(query, 'offset', 0);
  if (offset + limit > OFFSET_LIMIT) {
    throw badArguments(`Offset+limit exceeds maximum allowed value of ${OFFSET_LIMIT}.`);
  }
  return {
    records: records.slice(offset, offset + limit),
    page: {
      limit,
      offset,
      more: offset + limit < records.length,
      total: query.get('total') === 'true' ? records.length : null,
    },
  };
}
