import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

declare module 'vitest' {
  interface TaskMeta {
    /** Why it was skipped: a sentence about what is not at hand. */
    lacks?: string;
  }
}

/** What is known about PagerDuty from outside this repository. The API document has no licence: nothing is copied. */
export interface Outside {
  /** null = not at hand. */
  path: string | null;
  /** The options of the tests that need it: they are skipped without it, and the run ends with saying so. */
  needed: { skip: boolean; meta: { lacks?: string } };
}

/**
 * Looks for one in the place that `variable` names, else `beside` the checkout.
 *
 * @throws Error when it was named and is not there: who names it wants the tests that need it.
 */
export function outside(what: string, variable: string, beside: string): Outside {
  const named = process.env[variable];
  const path = named ? resolve(named) : fileURLToPath(new URL(`../../../${beside}`, import.meta.url));
  if (existsSync(path)) return { path, needed: { skip: false, meta: {} } };
  if (named) throw new Error(`${variable} is ${named}, but there is no such file.`);
  const lacks = `${what} is not at ../${beside}, and ${variable} names no other place.`;
  return { path: null, needed: { skip: true, meta: { lacks } } };
}

/** PagerDuty's own description of its REST API, in OpenAPI. */
export function apiDocument(): Outside {
  return outside(
    'PagerDuty’s published API document',
    'COUNTERSIGN_API_DOCUMENT',
    'shared/reference/pagerduty/openapi.json',
  );
}

/** The tools of PagerDuty's own MCP server, with their arguments and operations. */
export function toolList(): Outside {
  return outside('The list of PagerDuty’s own tools', 'COUNTERSIGN_TOOL_LIST', 'shared/reference/pagerduty/tools.json');
}
