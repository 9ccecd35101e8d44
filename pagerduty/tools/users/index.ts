import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { listUsers } from './list-users.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_users: listUsers,
} satisfies Record<string, ReadTool>;
