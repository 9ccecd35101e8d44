import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { serviceAnswer } from '../../schemas.ts';
import { id, toolInput } from '../input/parameters.ts';
import { serviceFields, shownName } from '../words/answers.ts';

const input = toolInput({ service_id: id('service') });

export const getService = defineReadTool<z.infer<typeof input>>({
  name: 'get_service',
  title: 'Read a service',
  description: 'Read one technical service: status, escalation policy, teams, timeouts.',
  toolset: 'services',
  source: { operationId: 'getService', path: '/services/{id}', scope: 'services.read' },
  reads: ['services.read'],
  input,
  example: { service_id: 'PSCHKOT' },
  async run(pagerduty, { service_id: serviceId }) {
    const { service } = await pagerduty.get(`/services/${encodeURIComponent(serviceId)}`, serviceAnswer);
    return {
      answer: { service: serviceFields(service) },
      text: `The service "${shownName(service)}" is ${service.status ?? 'in an unknown state'}.`,
    };
  },
});
