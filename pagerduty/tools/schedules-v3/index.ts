import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createScheduleV3CustomShifts } from './create-schedule-v3-custom-shifts.ts';
import { createScheduleV3Overrides } from './create-schedule-v3-overrides.ts';
import { createScheduleV3Rotation } from './create-schedule-v3-rotation.ts';
import { createScheduleV3RotationEvent } from './create-schedule-v3-rotation-event.ts';
import { deleteScheduleV3 } from './delete-schedule-v3.ts';
import { deleteScheduleV3CustomShift } from './delete-schedule-v3-custom-shift.ts';
import { deleteScheduleV3Override } from './delete-schedule-v3-override.ts';
import { deleteScheduleV3Rotation } from './delete-schedule-v3-rotation.ts';
import { deleteScheduleV3RotationEvent } from './delete-schedule-v3-rotation-event.ts';
import { getScheduleV3CustomShift } from './get-schedule-v3-custom-shift.ts';
import { getScheduleV3Override } from './get-schedule-v3-override.ts';
import { getScheduleV3Rotation } from './get-schedule-v3-rotation.ts';
import { getScheduleV3RotationEvent } from './get-schedule-v3-rotation-event.ts';
import { listScheduleV3CustomShifts } from './list-schedule-v3-custom-shifts.ts';
import { listScheduleV3Overrides } from './list-schedule-v3-overrides.ts';
import { listScheduleV3RotationEvents } from './list-schedule-v3-rotation-events.ts';
import { listScheduleV3Rotations } from './list-schedule-v3-rotations.ts';
import { updateScheduleV3CustomShift } from './update-schedule-v3-custom-shift.ts';
import { updateScheduleV3Override } from './update-schedule-v3-override.ts';
import { updateScheduleV3RotationEvent } from './update-schedule-v3-rotation-event.ts';

export const writes = {
  delete_schedule_v3: deleteScheduleV3,
  create_schedule_v3_rotation: createScheduleV3Rotation,
  delete_schedule_v3_rotation: deleteScheduleV3Rotation,
  create_schedule_v3_rotation_event: createScheduleV3RotationEvent,
  update_schedule_v3_rotation_event: updateScheduleV3RotationEvent,
  delete_schedule_v3_rotation_event: deleteScheduleV3RotationEvent,
  create_schedule_v3_custom_shifts: createScheduleV3CustomShifts,
  update_schedule_v3_custom_shift: updateScheduleV3CustomShift,
  delete_schedule_v3_custom_shift: deleteScheduleV3CustomShift,
  create_schedule_v3_overrides: createScheduleV3Overrides,
  update_schedule_v3_override: updateScheduleV3Override,
  delete_schedule_v3_override: deleteScheduleV3Override,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_schedule_v3_rotations: listScheduleV3Rotations,
  get_schedule_v3_rotation: getScheduleV3Rotation,
  list_schedule_v3_rotation_events: listScheduleV3RotationEvents,
  get_schedule_v3_rotation_event: getScheduleV3RotationEvent,
  list_schedule_v3_custom_shifts: listScheduleV3CustomShifts,
  get_schedule_v3_custom_shift: getScheduleV3CustomShift,
  list_schedule_v3_overrides: listScheduleV3Overrides,
  get_schedule_v3_override: getScheduleV3Override,
} satisfies Record<string, ReadTool>;
