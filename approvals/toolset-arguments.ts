import { type SQL, sql } from 'drizzle-orm';
import { type Toolset, toolsetsOf } from '#pagerduty/toolsets.ts';

/**
 * What SQL functions must be told of an installation to know which toolsets an agent may use: all that may be used
 * here, and what an agent without a choice of its own has.
 */
export function toolsetArguments({ toolsets }: { toolsets: readonly Toolset[] | null }): SQL {
  return sql`installed => ${sql.param(toolsets)}, usual => ${sql.param(toolsetsOf(null, toolsets))}`;
}
