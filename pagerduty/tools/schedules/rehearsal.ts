import type { Rehearsals } from '../rehearsal.ts';

export const rehearsals: Rehearsals = {};
