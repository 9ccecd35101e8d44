import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { toolInput, uuid } from '../input/parameters.ts';
import { counted } from '../words/wording.ts';
import { pathAnswer, pathFields, ruleCount } from './fields.ts';

const input = toolInput({ orchestration_id: uuid('event orchestration') });

export const getEventOrchestrationGlobal = defineReadTool<z.infer<typeof input>>({
  name: 'get_event_orchestration_global',
  title: 'Read the global rules of an event orchestration',
  description: 'Read the rules that change, drop or enrich events before an event orchestration routes them.',
  toolset: 'event_orchestrations',
  source: {
    operationId: 'getOrchPathGlobal',
    path: '/event_orchestrations/{id}/global',
    scope: 'event_orchestrations.read',
  },
  reads: ['event_orchestrations.read'],
  input,
  example: { orchestration_id: '7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41' },
  async run(pagerduty, { orchestration_id: orchestrationId }) {
    const path = `/event_orchestrations/${encodeURIComponent(orchestrationId)}/global`;
    const { orchestration_path: rules } = await pagerduty.get(path, pathAnswer);
    return {
      answer: { orchestration_path: pathFields(rules) },
      text: `The global orchestration has ${counted(ruleCount(rules), 'rule')} and a catch-all.`,
    };
  },
});
