import type { Json } from './json.ts';

/**
 * What became of one write.
 * `applied`: PagerDuty answered 2xx with a body that parsed. `rejected`: PagerDuty certainly did not apply it.
 * `unknown`: everything else; it may or may not have been applied and must be read back, never repeated.
 */
export type CallOutcome =
  | { kind: 'applied'; httpStatus: number; body: Json; pagerdutyRequestId: string | null }
  | { kind: 'rejected'; httpStatus: number | null; because: string; pagerdutyRequestId: string | null }
  | { kind: 'unknown'; httpStatus: number | null; because: string; pagerdutyRequestId: string | null };
