import type { ReadClient } from '#pagerduty/read-client.ts';

/** Holds a process back between its last reading of PagerDuty and what it does next. */
export interface Gate {
  /** Settles when everything that was read through the gate is held back. */
  reached: Promise<void>;
  open(): void;
  /** The process dies here: what it waits for never comes. */
  kill(): void;
}

/** A reader like the given one whose answers for some paths wait at a gate. */
export function gated(client: ReadClient, held: (path: string) => boolean): { client: ReadClient; gate: Gate } {
  let readings = 0;
  let waiting = 0;
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  let open: () => void = () => undefined;
  let kill: (cause: Error) => void = () => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    kill = reject;
  });
  // Killed before anybody waits, it must not count as an unhandled rejection.
  opened.catch(() => undefined);
  return {
    client: {
      ...client,
      async get(path, schema, query) {
        if (!held(path)) return client.get(path, schema, query);
        readings++;
        const answer = await client.get(path, schema, query);
        waiting++;
        if (waiting === readings) reach();
        await opened;
        return answer;
      },
    },
    gate: {
      reached,
      open,
      kill: () => kill(new Error('The process was killed.')),
    },
  };
}
