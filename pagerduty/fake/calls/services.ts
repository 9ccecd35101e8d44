import { businessServices } from '../business-services.ts';
import { escalationPolicies, services } from '../company.ts';
import type { DrivenCall } from './call.ts';

const policy = ({ id }: { id: string }) => ({ id, type: 'escalation_policy_reference' });

export const servicesCalls: DrivenCall[] = [
  [
    'POST',
    '/services',
    {
      service: {
        type: 'service',
        name: 'Fraud Scoring',
        description: 'Scores orders before they are paid.',
        escalation_policy: policy(escalationPolicies.checkout),
      },
    },
  ],
  [
    'PUT',
    `/services/${services.mailer.id}`,
    { service: { type: 'service', escalation_policy: policy(escalationPolicies.warehouse), status: 'disabled' } },
  ],
  ['GET', `/service_dependencies/technical_services/${services.checkout.id}`],
  ['GET', '/business_services?limit=2'],
  ['GET', `/service_dependencies/business_services/${businessServices.shop.id}`],
];
