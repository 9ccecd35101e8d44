import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { listPriorities } from './list-priorities.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_priorities: listPriorities,
} satisfies Record<string, ReadTool>;
