import { alertGroupings } from '../alert-grouping.ts';
import { services } from '../company.ts';
import type { DrivenCall } from './call.ts';

const reference = ({ id }: { id: string }) => ({ id, type: 'service_reference' });

export const alertGroupingCalls: DrivenCall[] = [
  ['GET', `/alert_grouping_settings?service_ids[]=${services.payments.id}&limit=10&total=true`],
  ['GET', `/alert_grouping_settings/${alertGroupings.checkout.id}`],
  [
    'POST',
    '/alert_grouping_settings',
    {
      alert_grouping_setting: {
        name: 'Warehouse by time',
        type: 'time',
        config: { timeout: 600 },
        services: [reference(services.warehouse)],
      },
    },
  ],
  [
    'PUT',
    `/alert_grouping_settings/${alertGroupings.checkout.id}`,
    {
      alert_grouping_setting: {
        type: 'content_based',
        config: { aggregate: 'any', fields: ['summary'], time_window: 86_400 },
        services: [reference(services.checkout)],
      },
    },
  ],
  ['DELETE', `/alert_grouping_settings/${alertGroupings.tracking.id}`],
];
