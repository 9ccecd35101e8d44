/** Slack says no, in its own codes: `{ok: false, error}`. */
export class Refusal extends Error {
  readonly code: string;
  /** What exactly is wrong, one line each with a JSON pointer, as in `response_metadata.messages`. */
  readonly details: readonly string[];

  constructor(code: string, details: readonly string[] = []) {
    super([code, ...details].join('\n'));
    this.name = 'Refusal';
    this.code = code;
    this.details = details;
  }
}
