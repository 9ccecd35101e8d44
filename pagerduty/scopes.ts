import { z } from 'zod';
import { PagerDutyError } from './errors.ts';
import type { ReadClient } from './read-client.ts';
import type { ReadTool } from './read-tool.ts';
import { readTools, writeTools } from './tools/index.ts';
import { isToolset, TOOLSETS, type Toolset } from './toolsets.ts';
import type { WriteTool } from './write-tool.ts';

/** What Countersign itself reads, whatever the toolsets: who is on call, and the approver's name for `From`. */
const OWN = ['escalation_policies.read', 'oncalls.read', 'users.read'];

export interface ScopesNeeded {
  /** For the read credential; `analytics.write` is among them when the questions that are POSTs are chosen. */
  read: string[];
  /** For the worker's write credential. */
  write: string[];
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

/** OAuth scopes that these toolsets need; null = every toolset. v3 schedules publish none, so none is listed for them. */
export function scopesNeeded(toolsets: readonly Toolset[] | null): ScopesNeeded {
  const chosen = toolsets ?? Object.keys(TOOLSETS).filter(isToolset);
  const ours = ({ toolset }: ReadTool | WriteTool) => chosen.includes(toolset);
  const reads: ReadTool[] = Object.values(readTools);
  const writes: WriteTool[] = Object.values(writeTools);
  return {
    read: sorted([...OWN, ...[...reads, ...writes].filter(ours).flatMap((tool) => tool.reads)]),
    write: sorted(writes.filter(ours).flatMap(({ source }) => (source.scope === null ? [] : [source.scope]))),
  };
}

export interface ScopeReport {
  /** Needed and not granted: those tools will fail. */
  lacking: string[];
  /** Granted and not needed: what a hijacked process could do besides. */
  excess: string[];
}

export function compareScopes(needed: readonly string[], granted: readonly string[]): ScopeReport {
  return {
    lacking: needed.filter((scope) => !granted.includes(scope)),
    excess: granted.filter((scope) => !needed.includes(scope)),
  };
}

/** The smallest reading that shows whether a scope is there. `analytics.write` is shown by a question. */
const PROBES: Record<string, string> = {
  'audit_records.read': '/audit/records',
  'change_events.read': '/change_events',
  'escalation_policies.read': '/escalation_policies',
  'event_orchestrations.read': '/event_orchestrations',
  'extension_schemas.read': '/extension_schemas',
  'incident_workflows.read': '/incident_workflows',
  'incidents.read': '/incidents',
  'oncalls.read': '/oncalls',
  'priorities.read': '/priorities',
  'schedules.read': '/schedules',
  'services.read': '/services',
  'status_pages.read': '/status_pages',
  'teams.read': '/teams',
  'users.read': '/users',
  'webhook_subscriptions.read': '/webhook_subscriptions',
};

/** Which of these scopes a credential has, tried by reading one item each; scopes to write are never tried. */
export async function probeScopes(pagerduty: ReadClient, scopes: readonly string[]): Promise<string[]> {
  const tried = scopes.map(async (scope) => {
    const path = PROBES[scope];
    try {
      if (scope === 'analytics.write') {
        await pagerduty.pose('/analytics/metrics/incidents/all', z.unknown(), { filters: {} });
      } else if (path === undefined) return [];
      else await pagerduty.get(path, z.unknown(), { limit: 1 });
      return [scope];
    } catch (error) {
      if (!(error instanceof PagerDutyError)) throw error;
      // No right, or not in the plan: either way the tools that need it will fail.
      if (error.kind === 'forbidden' || error.kind === 'invalid' || error.kind === 'not_found') return [];
      throw error;
    }
  });
  return (await Promise.all(tried)).flat();
}
