import { alertGroupingRoutes } from './alert-grouping.ts';
import { analyticsRoutes } from './analytics.ts';
import { auditRoutes } from './audit.ts';
import { businessServiceRoutes } from './business-services.ts';
import { changeEventRoutes } from './change-events.ts';
import { directoryRoutes } from './directory.ts';
import { escalationPolicyRoutes } from './escalation-policies.ts';
import { orchestrationRoutes } from './event-orchestrations.ts';
import { incidentInsightRoutes } from './incident-insights.ts';
import { timelineRoutes } from './incident-timeline.ts';
import { incidentRoutes } from './incidents.ts';
import { onCallRoutes } from './oncalls.ts';
import type { Route } from './route.ts';
import { scheduleRoutes } from './schedules.ts';
import { serviceChangeRoutes } from './service-changes.ts';
import { shiftScheduleChangeRoutes } from './shift-schedule-changes.ts';
import { shiftRoutes } from './shift-schedule-shifts.ts';
import { shiftScheduleRoutes } from './shift-schedules.ts';
import { statusPageRoutes } from './status-pages.ts';
import { teamChangeRoutes } from './team-changes.ts';
import { userChangeRoutes } from './user-changes.ts';
import { webhookRoutes } from './webhooks.ts';
import { workflowRoutes } from './workflows.ts';

/** Every operation of the playable PagerDuty. The first match counts, so fixed paths stand before `{id}`. */
export const routes: Route[] = [
  ...incidentRoutes,
  ...timelineRoutes,
  ...onCallRoutes,
  ...scheduleRoutes,
  ...shiftScheduleRoutes,
  ...escalationPolicyRoutes,
  ...directoryRoutes,
  ...auditRoutes,
  ...incidentInsightRoutes,
  ...serviceChangeRoutes,
  ...businessServiceRoutes,
  ...teamChangeRoutes,
  ...userChangeRoutes,
  ...shiftScheduleChangeRoutes,
  ...shiftRoutes,
  ...changeEventRoutes,
  ...workflowRoutes,
  ...alertGroupingRoutes,
  ...orchestrationRoutes,
  ...statusPageRoutes,
  ...webhookRoutes,
  ...analyticsRoutes,
];

/** A path segment that is no valid escape is taken as it stands: it will match no id. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The values of `{…}` when the path matches the pattern, else null. */
export function pathParams(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/').map(decoded);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== value) return null;
    } else if (value === '') return null;
    else params[part.slice(1, -1)] = value;
  }
  return params;
}

/** The operation behind a call, with its path parameters; null when there is none. */
export function routeFor(method: string, path: string): { route: Route; params: Record<string, string> } | null {
  for (const route of routes) {
    const params = route.method === method ? pathParams(route.path, path) : null;
    if (params !== null) return { route, params };
  }
  return null;
}
