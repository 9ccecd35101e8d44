import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { dependenciesAnswer, readDependencies } from '../facts/dependencies.ts';
import { id, toolInput } from '../input/parameters.ts';

const input = toolInput({ business_service_id: id('business service') });

export const getBusinessServiceDependencies = defineReadTool<z.infer<typeof input>>({
  name: 'get_business_service_dependencies',
  title: 'Read what a business service depends on',
  description: 'List the services that a business service depends on and those it supports, direct ones only.',
  toolset: 'business_services',
  source: {
    operationId: 'getBusinessServiceServiceDependencies',
    path: '/service_dependencies/business_services/{id}',
    scope: 'services.read',
  },
  reads: ['services.read'],
  input,
  example: { business_service_id: 'PBSHOP1' },
  async run(pagerduty, { business_service_id: serviceId }) {
    return dependenciesAnswer(serviceId, await readDependencies(pagerduty, 'business_service', serviceId));
  },
});
