import type { Route } from './route.ts';

export const shiftScheduleChangeRoutes: Route[] = [];
