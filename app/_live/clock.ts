const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Under this the queue shows a request first. */
export const RUNNING_OUT_MS = 5 * MINUTE;

function words(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "14 min left", "48 s left"; never more than there is. */
export function timeLeft(leftMs: number): string {
  return leftMs <= 0 ? 'Time is over' : `${words(leftMs)} left`;
}

/** "3 s ago", "2 days ago"; a clock that is ahead of ours counts as now. */
export function age(ms: number): string {
  if (ms < SECOND) return 'just now';
  if (ms < DAY) return `${words(ms)} ago`;
  const days = Math.floor(ms / DAY);
  return days === 1 ? 'a day ago' : `${days} days ago`;
}

/** When the words above change next: each second in the last minute, else at most each 30 s. */
export function nextTickMs(leftMs: number): number {
  if (leftMs <= 0) return 30 * SECOND;
  if (leftMs < MINUTE) return leftMs % SECOND || SECOND;
  return Math.min(30 * SECOND, leftMs - MINUTE + 1);
}
