import { abilityRoutes } from '../abilities.ts';
import { alertGroupingRoutes } from '../alert-grouping.ts';
import { analyticsRoutes } from '../analytics/metrics.ts';
import { auditRoutes } from '../audit.ts';
import { businessServiceRoutes } from '../business-services.ts';
import { changeEventRoutes } from '../change-events.ts';
import { escalationPolicyRoutes } from '../escalation-policies.ts';
import { orchestrationRoutes } from '../event-orchestrations.ts';
import { incidentRoutes } from '../incidents/incidents.ts';
import { incidentInsightRoutes } from '../incidents/insights.ts';
import { timelineRoutes } from '../incidents/timeline.ts';
import { onCallRoutes } from '../on-calls.ts';
import { priorityRoutes } from '../priorities.ts';
import { scheduleRoutes } from '../schedules/schedules.ts';
import { serviceRoutes } from '../services.ts';
import { oneOffRoutes } from '../shift-schedules/one-offs.ts';
import { rotationRoutes } from '../shift-schedules/rotations.ts';
import { shiftScheduleRoutes } from '../shift-schedules/shift-schedules.ts';
import type { State } from '../state.ts';
import { statusPageRoutes } from '../status-pages.ts';
import { teamRoutes } from '../teams.ts';
import { userRoutes } from '../users.ts';
import { webhookRoutes } from '../webhooks.ts';
import { workflowRoutes } from '../workflows.ts';
import type { Route } from './route.ts';

/** Every operation of the playable PagerDuty. The first match counts, so fixed paths stand before `{id}`. */
export const routes: Route<State>[] = [
  ...incidentRoutes,
  ...timelineRoutes,
  ...incidentInsightRoutes,
  ...onCallRoutes,
  ...scheduleRoutes,
  ...shiftScheduleRoutes,
  ...rotationRoutes,
  ...oneOffRoutes,
  ...escalationPolicyRoutes,
  ...userRoutes,
  ...teamRoutes,
  ...serviceRoutes,
  ...priorityRoutes,
  ...abilityRoutes,
  ...auditRoutes,
  ...businessServiceRoutes,
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

function paramsOf(wanted: readonly string[], given: readonly string[]): Record<string, string> | null {
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

const partsOf = (path: string) => path.split('/').map(decoded);

/** The values of `{…}` when the path matches the pattern, else null. */
export const pathParams = (pattern: string, path: string) => paramsOf(pattern.split('/'), partsOf(path));

const patterns = routes.map((route) => ({ route, wanted: route.path.split('/') }));

/** The operation behind a call, with its path parameters; null when there is none. */
export function routeFor(method: string, path: string): { route: Route<State>; params: Record<string, string> } | null {
  const given = partsOf(path);
  for (const { route, wanted } of patterns) {
    const params = route.method === method ? paramsOf(wanted, given) : null;
    if (params !== null) return { route, params };
  }
  return null;
}
