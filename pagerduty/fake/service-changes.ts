import type { Route } from './route.ts';

export const serviceChangeRoutes: Route[] = [];
