import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { getService } from './get-service.ts';
import { listServices } from './list-services.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_services: listServices,
  get_service: getService,
} satisfies Record<string, ReadTool>;
