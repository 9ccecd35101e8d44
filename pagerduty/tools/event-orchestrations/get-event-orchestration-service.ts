import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { counted } from '../words/wording.ts';
import { pathAnswer, pathFields, ruleCount } from './fields.ts';

const input = toolInput({ service_id: id('service') });

export const getEventOrchestrationService = defineReadTool<z.infer<typeof input>>({
  name: 'get_event_orchestration_service',
  title: 'Read the event orchestration of a service',
  description: 'Read the rules that a service applies to events that reach it.',
  toolset: 'event_orchestrations',
  source: {
    operationId: 'getOrchPathService',
    path: '/event_orchestrations/services/{service_id}',
    scope: 'services.read',
  },
  reads: ['services.read'],
  input,
  example: { service_id: 'PSCHKOT' },
  async run(pagerduty, { service_id: serviceId }) {
    const path = `/event_orchestrations/services/${encodeURIComponent(serviceId)}`;
    const { orchestration_path: rules } = await pagerduty.get(path, pathAnswer);
    return {
      answer: { orchestration_path: pathFields(rules) },
      text: `The service orchestration has ${counted(ruleCount(rules), 'rule')} and a catch-all.`,
    };
  },
});
