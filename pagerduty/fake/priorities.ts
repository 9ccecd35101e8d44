import { priorities } from './company.ts';
import { reference } from './references.ts';
import { paged } from './server/query.ts';
import type { Handle, Route } from './server/route.ts';

interface Priority {
  id: string;
  name: string;
  description: string;
  color: string;
}

/** What the playable PagerDuty keeps of this domain; the first is the highest. */
export interface Priorities {
  priorities: Priority[];
}

/** Every account has them. */
export const seedPriorities = (): Priorities => ({
  priorities: [
    { ...priorities.p1, description: 'Customers cannot order or pay.', color: 'a8171c' },
    { ...priorities.p2, description: 'Part of the customers is affected.', color: 'eb6016' },
    { ...priorities.p3, description: 'Something is slow or degraded.', color: 'f9b406' },
    { ...priorities.p4, description: 'Can wait for working hours.', color: '555555' },
  ],
});

export const renderPriority = ({ id, name, description, color }: Priority) => ({
  ...reference('priority', id, name),
  name,
  description,
  color,
});

const listPriorities: Handle<Priorities> = (state, { query }) => {
  const { records, page } = paged({ query }, state.priorities);
  return { status: 200, body: { priorities: records.map(renderPriority), ...page } };
};

export const priorityRoutes: Route<Priorities>[] = [
  { method: 'GET', path: '/priorities', scope: 'priorities.read', handle: listPriorities },
];
