import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { getBusinessServiceDependencies } from './get-business-service-dependencies.ts';
import { listBusinessServices } from './list-business-services.ts';

export const writes = {} satisfies Record<string, WriteTool>;

export const reads = {
  list_business_services: listBusinessServices,
  get_business_service_dependencies: getBusinessServiceDependencies,
} satisfies Record<string, ReadTool>;
