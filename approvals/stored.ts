import { findWriteTool } from '#pagerduty/tools/index.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { type Shown, shownFrom } from './canonical.ts';
import type { RequestRow } from './transition.ts';

export const UPDATED = 'Countersign was updated and this tool works differently now.';

/** What was stored of a request, as the tool that made it understands it. */
export interface Stored {
  tool: WriteTool;
  shown: Shown;
  /** Parsed again with the tool's own schemas. */
  input: unknown;
  before: unknown;
}

/**
 * Opens what is stored: the only way from a row back to a tool, an input and a reading. What another version of the
 * tool wrote is never read by this one, since the same words may mean something else by now.
 */
export function reopen(
  row: Pick<RequestRow, 'tool' | 'toolVersion' | 'canonical' | 'before'>,
): Stored | { because: string } {
  const tool = findWriteTool(row.tool);
  if (tool === undefined || tool.version !== row.toolVersion) return { because: UPDATED };
  const shown = shownFrom(row.canonical);
  const input = tool.input.safeParse(shown.input);
  const before = tool.before.safeParse(row.before);
  if (!input.success || !before.success) return { because: 'The stored request can no longer be read.' };
  return { tool, shown, input: input.data, before: before.data };
}
