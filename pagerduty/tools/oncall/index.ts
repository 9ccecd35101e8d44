import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { listOncalls } from './list-oncalls.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_oncalls: listOncalls,
} satisfies Record<string, ReadTool>;
