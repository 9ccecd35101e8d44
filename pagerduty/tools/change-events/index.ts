import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {} satisfies Record<string, ReadTool>;
