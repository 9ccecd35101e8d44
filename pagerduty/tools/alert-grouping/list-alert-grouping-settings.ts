import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { DEFAULT_LIMIT, ids, limit, optional, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { settingFields } from './fields.ts';
import { collectSettings } from './settings.ts';

const cursor = optional(z.string().max(2_000));

const input = toolInput({
  service_ids: ids('service'),
  limit,
  after: cursor.describe('Cursor of the next page.'),
  before: cursor.describe('Cursor of the previous page.'),
  total: optional(z.boolean()),
});

export const listAlertGroupingSettings = defineReadTool<z.infer<typeof input>>({
  name: 'list_alert_grouping_settings',
  title: 'List alert grouping settings',
  description: 'List the settings that merge alerts into incidents, also only those of some services.',
  toolset: 'alert_grouping',
  source: { operationId: 'listAlertGroupingSettings', path: '/alert_grouping_settings', scope: 'services.read' },
  reads: ['services.read'],
  input,
  example: { service_ids: ['PSCHKOT'] },
  async run(pagerduty, { service_ids: services, limit: wanted = DEFAULT_LIMIT, after, before, total }) {
    const query = { service_ids: services, total };
    const found = await collectSettings(pagerduty, query, { limit: wanted, after, before });
    return {
      answer: {
        alert_grouping_settings: found.items.map(settingFields),
        more: found.more,
        after: found.after,
        before: found.before,
        total: found.total,
      },
      text: listSentence(found, 'alert grouping setting'),
    };
  },
});
