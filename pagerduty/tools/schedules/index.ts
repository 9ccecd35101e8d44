import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createSchedule } from './create-schedule.ts';
import { createScheduleOverride } from './create-schedule-override.ts';
import { getSchedule } from './get-schedule.ts';
import { listScheduleUsers } from './list-schedule-users.ts';
import { listSchedules } from './list-schedules.ts';
import { updateSchedule } from './update-schedule.ts';

export const writes = {
  create_schedule: createSchedule,
  update_schedule: updateSchedule,
  create_schedule_override: createScheduleOverride,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_schedules: listSchedules,
  get_schedule: getSchedule,
  list_schedule_users: listScheduleUsers,
} satisfies Record<string, ReadTool>;
