import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { listLogEntries } from './list-log-entries.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_log_entries: listLogEntries,
} satisfies Record<string, ReadTool>;
