import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { shareable } from '../words/secrets.ts';
import { counted } from '../words/wording.ts';
import { settingFields } from './fields.ts';
import { factsOf, settingAnswer, settingWords } from './settings.ts';

const input = toolInput({ setting_id: id('alert grouping setting') });

export const getAlertGroupingSetting = defineReadTool<z.infer<typeof input>>({
  name: 'get_alert_grouping_setting',
  title: 'Read an alert grouping setting',
  description: 'Read one setting that merges alerts into incidents, and its services.',
  toolset: 'alert_grouping',
  source: { operationId: 'getAlertGroupingSetting', path: '/alert_grouping_settings/{id}', scope: 'services.read' },
  reads: ['services.read'],
  input,
  example: { setting_id: 'PAGCHKT' },
  async run(pagerduty, { setting_id: settingId }) {
    const path = `/alert_grouping_settings/${encodeURIComponent(settingId)}`;
    const { alert_grouping_setting: answered } = await pagerduty.get(path, settingAnswer);
    const words = shareable(settingWords(factsOf(answered)));
    return {
      answer: { alert_grouping_setting: settingFields(answered) },
      text: `${words[0]?.toUpperCase()}${words.slice(1)} covers ${counted(answered.services?.length ?? 0, 'service')}.`,
    };
  },
});
