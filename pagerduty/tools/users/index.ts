import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createUser } from './create-user.ts';
import { getUserData } from './get-user-data.ts';
import { listUsers } from './list-users.ts';

export const writes = {
  create_user: createUser,
} satisfies Record<string, WriteTool>;

export const reads = {
  get_user_data: getUserData,
  list_users: listUsers,
} satisfies Record<string, ReadTool>;
