/** How often each thing is done. */
export interface Sizes {
  /** How often all of it is repeated. */
  rounds: number;
  /** Holds in one go, and how many goes. */
  holds: number;
  goes: number;
  /** Calls of each kind. */
  calls: number;
  lists: number;
  /** Held writes of each tool. */
  perTool: number;
  decisions: number;
  /** Presses of a button in Slack. */
  presses: number;
  /** Requests that come at once, and within which time. */
  flood: number;
  floodMs: number;
  /** Calls that wait at once. */
  waits: number;
}

export const FULL: Sizes = {
  rounds: 3,
  holds: 50,
  goes: 8,
  calls: 150,
  lists: 200,
  perTool: 10,
  decisions: 60,
  presses: 12,
  flood: 1_000,
  floodMs: 60_000,
  waits: 2_000,
};

/** Enough to see that every part still runs; its figures say nothing. */
export const SMOKE: Sizes = {
  rounds: 1,
  holds: 8,
  goes: 2,
  calls: 2,
  lists: 2,
  perTool: 1,
  decisions: 1,
  presses: 1,
  flood: 2,
  floodMs: 100,
  waits: 20,
};
