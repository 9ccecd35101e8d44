import { services } from '../company.ts';
import { orchestrations } from '../event-orchestrations.ts';
import type { DrivenCall } from './call.ts';

const { monitoring, partners } = orchestrations;

export const orchestrationsCalls: DrivenCall[] = [
  ['GET', '/event_orchestrations?sort_by=routes:desc&limit=10'],
  ['GET', `/event_orchestrations/${monitoring.id}`],
  ['GET', `/event_orchestrations/${monitoring.id}/router`],
  ['GET', `/event_orchestrations/${partners.id}/router`],
  [
    'PUT',
    `/event_orchestrations/${monitoring.id}/router`,
    {
      orchestration_path: {
        sets: [
          {
            id: 'start',
            rules: [
              {
                actions: {
                  dynamic_route_to: { source: 'event.custom_details.service', regex: '(.*)', lookup_by: 'service_id' },
                },
              },
              {
                id: '3fd82b61',
                label: 'Shop',
                conditions: [{ expression: "event.source matches 'shop'" }],
                actions: { route_to: services.checkout.id },
                disabled: true,
              },
            ],
          },
        ],
        catch_all: { actions: { route_to: services.mailer.id } },
      },
    },
  ],
  ['GET', `/event_orchestrations/${monitoring.id}/global`],
  ['GET', `/event_orchestrations/services/${services.checkout.id}`],
];
