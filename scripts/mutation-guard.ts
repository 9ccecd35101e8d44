/** One guard of the product, and the product without it. */
export interface Guard {
  /** In `approvals/`. */
  file: string;
  /** What the product stops doing. */
  without: string;
  /** Exact text that occurs once in the file. */
  find: string;
  replace: string;
  /** A second guard that makes this one unneeded today; without it a test must notice. */
  otherwise?: string;
}

type Row = readonly [without: string, find: string, replace: string, otherwise?: string];

/** The guards of one file. */
export const of = (file: string, rows: readonly Row[]): Guard[] =>
  rows.map(([without, find, replace, otherwise]) => ({ file, without, find, replace, otherwise }));
