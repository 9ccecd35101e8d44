import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { getLogEntry } from './get-log-entry.ts';
import { listLogEntries } from './list-log-entries.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_log_entries: listLogEntries,
  get_log_entry: getLogEntry,
} satisfies Record<string, ReadTool>;
