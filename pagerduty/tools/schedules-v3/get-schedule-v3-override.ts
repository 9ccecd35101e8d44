import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { overridePlace, overrides } from './spans/overrides.ts';

export const getScheduleV3Override = defineReadTool<z.infer<typeof overridePlace>>({
  name: 'get_schedule_v3_override',
  title: 'Read an override of a shift',
  description: 'Read one override of a shift-based schedule: when it is, whose place is taken and by whom.',
  toolset: 'schedules_v3',
  source: { operationId: 'getOverride', path: '/v3/schedules/{id}/overrides/{override_id}', scope: null },
  reads: ['users.read'],
  input: overridePlace,
  example: { schedule_id: 'PDWHSV3', override_id: '4VJXQ2TNKB6RMWC7HD3YFGPZA5' },
  run: overrides.get,
});
