import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createScheduleOverride } from './create-schedule-override.ts';
import { getSchedule } from './get-schedule.ts';
import { listSchedules } from './list-schedules.ts';

export const writes = {
  create_schedule_override: createScheduleOverride,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_schedules: listSchedules,
  get_schedule: getSchedule,
} satisfies Record<string, ReadTool>;
