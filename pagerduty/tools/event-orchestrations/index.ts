import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { appendEventOrchestrationRouterRule } from './append-event-orchestration-router-rule.ts';
import { getEventOrchestration } from './get-event-orchestration.ts';
import { getEventOrchestrationGlobal } from './get-event-orchestration-global.ts';
import { getEventOrchestrationRouter } from './get-event-orchestration-router.ts';
import { getEventOrchestrationService } from './get-event-orchestration-service.ts';
import { listEventOrchestrations } from './list-event-orchestrations.ts';
import { updateEventOrchestrationRouter } from './update-event-orchestration-router.ts';

export const writes = {
  update_event_orchestration_router: updateEventOrchestrationRouter,
  append_event_orchestration_router_rule: appendEventOrchestrationRouterRule,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_event_orchestrations: listEventOrchestrations,
  get_event_orchestration: getEventOrchestration,
  get_event_orchestration_router: getEventOrchestrationRouter,
  get_event_orchestration_service: getEventOrchestrationService,
  get_event_orchestration_global: getEventOrchestrationGlobal,
} satisfies Record<string, ReadTool>;
