import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { overrides } from './spans/overrides.ts';
import { listInput } from './spans/spans.ts';

export const listScheduleV3Overrides = defineReadTool<z.infer<typeof listInput>>({
  name: 'list_schedule_v3_overrides',
  title: 'List overrides of shifts',
  description: 'List the overrides of a shift-based schedule; without a range those of the next 14 days.',
  toolset: 'schedules_v3',
  source: { operationId: 'listOverrides', path: '/v3/schedules/{id}/overrides', scope: null },
  reads: ['users.read'],
  input: listInput,
  example: { schedule_id: 'PDWHSV3', since: '2099-04-01T00:00:00Z', until: '2099-06-01T00:00:00Z' },
  run: overrides.list,
});
