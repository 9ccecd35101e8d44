import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { toolInput, uuid } from '../input/parameters.ts';
import { line, shownName } from '../words/answers.ts';
import { counted } from '../words/wording.ts';
import { orchestration, orchestrationFields } from './fields.ts';

const input = toolInput({ orchestration_id: uuid('event orchestration') });

const answer = z.object({ orchestration });

export const getEventOrchestration = defineReadTool<z.infer<typeof input>>({
  name: 'get_event_orchestration',
  title: 'Read an event orchestration',
  description: 'Read one global event orchestration and its integrations, without their routing keys.',
  toolset: 'event_orchestrations',
  source: { operationId: 'getOrchestration', path: '/event_orchestrations/{id}', scope: 'event_orchestrations.read' },
  reads: ['event_orchestrations.read'],
  input,
  example: { orchestration_id: '7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41' },
  async run(pagerduty, { orchestration_id: orchestrationId }) {
    const { orchestration: found } = await pagerduty.get(
      `/event_orchestrations/${encodeURIComponent(orchestrationId)}`,
      answer,
    );
    const integrations = (found.integrations ?? []).map(({ id, label }) => ({
      id,
      label: line(label),
      routing_key: '[redacted]',
    }));
    const name = shownName(found);
    return {
      answer: { orchestration: { ...orchestrationFields(found), integrations } },
      text: `"${name}" takes events from ${counted(integrations.length, 'integration')} and routes to ${counted(found.routes ?? 0, 'service')}.`,
    };
  },
});
