import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { customShiftPlace, customShifts } from './spans/custom.ts';

export const getScheduleV3CustomShift = defineReadTool<z.infer<typeof customShiftPlace>>({
  name: 'get_schedule_v3_custom_shift',
  title: 'Read a custom shift',
  description: 'Read one one-off shift of a shift-based schedule: when it is and who takes it.',
  toolset: 'schedules_v3',
  source: {
    operationId: 'getCustomShift',
    path: '/v3/schedules/{id}/custom_shifts/{custom_shift_id}',
    scope: null,
  },
  reads: ['users.read'],
  input: customShiftPlace,
  example: { schedule_id: 'PDWHSV3', custom_shift_id: '7RMKQ5XNVB2TCW6HJ4DYFGPZA3' },
  run: customShifts.get,
});
