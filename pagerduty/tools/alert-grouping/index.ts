import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createAlertGroupingSetting } from './create-alert-grouping-setting.ts';
import { deleteAlertGroupingSetting } from './delete-alert-grouping-setting.ts';
import { getAlertGroupingSetting } from './get-alert-grouping-setting.ts';
import { listAlertGroupingSettings } from './list-alert-grouping-settings.ts';
import { updateAlertGroupingSetting } from './update-alert-grouping-setting.ts';

export const writes = {
  create_alert_grouping_setting: createAlertGroupingSetting,
  update_alert_grouping_setting: updateAlertGroupingSetting,
  delete_alert_grouping_setting: deleteAlertGroupingSetting,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_alert_grouping_settings: listAlertGroupingSettings,
  get_alert_grouping_setting: getAlertGroupingSetting,
} satisfies Record<string, ReadTool>;
