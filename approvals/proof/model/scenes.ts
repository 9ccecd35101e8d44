import type { Scene } from './actions.ts';

const one = (quorum: number) => ({ quorum, incident: 0, replaces: null, undoes: null, sharesState: true });

/** The situations that are explored to the end, in every test run. */
export const SCENES: readonly Scene[] = [
  { name: 'one request, one approval', plans: [one(1)], reviewers: 2, workers: 2, disturbed: true },
  { name: 'one request, two approvals', plans: [one(2)], reviewers: 2, workers: 2, disturbed: true },
  { name: 'two requests on one incident', plans: [one(1), one(2)], reviewers: 2, workers: 2, disturbed: false },
  {
    name: 'a newer ask that replaces the older',
    plans: [one(1), { ...one(1), replaces: 0 }],
    reviewers: 1,
    workers: 2,
    disturbed: false,
  },
  {
    name: 'an undo of what was applied, proposed by a human',
    plans: [one(1), { ...one(1), undoes: 0 }],
    reviewers: 1,
    workers: 1,
    disturbed: true,
  },
];

/** The same on a larger scale; half a minute, on demand. */
export const LARGE_SCENES: readonly Scene[] = [
  { name: 'two requests, all disturbances', plans: [one(1), one(1)], reviewers: 1, workers: 2, disturbed: true },
  { name: 'two quorums, all disturbances', plans: [one(1), one(2)], reviewers: 2, workers: 1, disturbed: true },
];
