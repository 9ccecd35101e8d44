import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { customShifts } from './spans/custom.ts';
import { listInput } from './spans/spans.ts';

export const listScheduleV3CustomShifts = defineReadTool<z.infer<typeof listInput>>({
  name: 'list_schedule_v3_custom_shifts',
  title: 'List custom shifts',
  description: 'List the one-off shifts of a shift-based schedule; without a range those of the next 14 days.',
  toolset: 'schedules_v3',
  source: { operationId: 'listCustomShifts', path: '/v3/schedules/{id}/custom_shifts', scope: null },
  reads: ['users.read'],
  input: listInput,
  example: { schedule_id: 'PDWHSV3', since: '2099-03-01T00:00:00Z', until: '2099-04-01T00:00:00Z' },
  run: customShifts.list,
});
