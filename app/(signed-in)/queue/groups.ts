import { RUNNING_OUT_MS } from '#app/_live/clock.ts';
import { MEANING } from '#approvals/lifecycle.ts';
import type { RequestListItem } from '#approvals/views/queries.ts';

export interface Group {
  title: string;
  items: RequestListItem[];
}

/** What is open, by what it asks of the reader; groups without requests are left out. */
export function groupOpen(items: readonly RequestListItem[], now: number): Group[] {
  const decidable = items.filter(({ status }) => MEANING[status].phase === 'waiting');
  const unclear = items.filter(({ status }) => MEANING[status].phase === 'unclear');
  const soon = (item: RequestListItem) => item.expiresAt.getTime() - now < RUNNING_OUT_MS;
  const groups = [
    { title: 'Running out', items: decidable.filter(soon) },
    { title: 'Outcome unknown, look in PagerDuty', items: unclear },
    { title: 'Waiting for approval', items: decidable.filter((item) => !soon(item)) },
    { title: 'In progress', items: items.filter((item) => !decidable.includes(item) && !unclear.includes(item)) },
  ];
  return groups.filter((group) => group.items.length > 0);
}
