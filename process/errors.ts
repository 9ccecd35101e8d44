export type ApprovalErrorCode =
  | 'not_found'
  | 'invalid'
  | 'forbidden'
  | 'conflict'
  | 'expired'
  | 'precondition_failed'
  | 'limit_exceeded'
  | 'unavailable';

/**
 * The caller broke a contract, lost a race, or PagerDuty could not be asked. `message` is a sentence for the caller.
 * A rule that said no and an answer of the network are data, not errors.
 */
export class ApprovalError extends Error {
  readonly code: ApprovalErrorCode;
  /** Seconds after which trying again makes sense; null where it does not. */
  readonly retryAfterSeconds: number | null;

  constructor(code: ApprovalErrorCode, message: string, facts: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, { cause: facts.cause });
    this.name = 'ApprovalError';
    this.code = code;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null;
  }
}

/** A setting that is missing or wrong; `message` is the one sentence the operator sees. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}
