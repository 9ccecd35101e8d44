import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createService } from './create-service.ts';
import { getService } from './get-service.ts';
import { getTechnicalServiceDependencies } from './get-technical-service-dependencies.ts';
import { listServices } from './list-services.ts';
import { updateService } from './update-service.ts';

export const writes = {
  create_service: createService,
  update_service: updateService,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_services: listServices,
  get_service: getService,
  get_technical_service_dependencies: getTechnicalServiceDependencies,
} satisfies Record<string, ReadTool>;
