import type { Route } from './route.ts';

export const teamChangeRoutes: Route[] = [];
