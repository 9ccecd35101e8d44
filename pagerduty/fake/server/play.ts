import type { Faults } from './faults.ts';
import type { Memory } from './memory.ts';

/** Something that compares calls and answers with PagerDuty's own description of its API. */
export interface Judge {
  request(method: string, path: string, query: URLSearchParams, body: unknown): string[];
  answer(method: string, path: string, status: number, body: unknown): string[];
}

/** What the parts of the server share. */
export interface Play {
  memory: Memory;
  faults: Faults;
  now: () => Date;
  judge: Judge | null;
  problems: string[];
  /** Ids of the timers of late writes, so that closing stops them. */
  timers: Set<NodeJS.Timeout>;
  /** Calls of the current minute, for the rate headers. */
  calls: { minute: number; count: number };
  say(line: string): void;
}
