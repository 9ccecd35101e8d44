import type { Route } from './route.ts';

export const incidentInsightRoutes: Route[] = [];
