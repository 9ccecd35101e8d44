import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { dependenciesAnswer, readDependencies } from '../facts/dependencies.ts';
import { id, toolInput } from '../input/parameters.ts';

const input = toolInput({ service_id: id('technical service') });

export const getTechnicalServiceDependencies = defineReadTool<z.infer<typeof input>>({
  name: 'get_technical_service_dependencies',
  title: 'Read what a technical service depends on',
  description: 'List the services that a technical service depends on and those it supports, direct ones only.',
  toolset: 'services',
  source: {
    operationId: 'getTechnicalServiceServiceDependencies',
    path: '/service_dependencies/technical_services/{id}',
    scope: 'services.read',
  },
  reads: ['services.read'],
  input,
  example: { service_id: 'PSCHKOT' },
  async run(pagerduty, { service_id: serviceId }) {
    return dependenciesAnswer(serviceId, await readDependencies(pagerduty, 'technical_service', serviceId));
  },
});
