import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, limit, since, toolInput, until } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { customShift, customShiftFields, customShiftsPath, takenBy } from './custom.ts';
import { readPeople } from './shifts.ts';
import { rangeAsked } from './windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), since, until, limit });

export const listScheduleV3CustomShifts = defineReadTool<z.infer<typeof input>>({
  name: 'list_schedule_v3_custom_shifts',
  title: 'List custom shifts',
  description: 'List the one-off shifts of a shift-based schedule; without a range those of the next 14 days.',
  toolset: 'schedules_v3',
  source: { operationId: 'listCustomShifts', path: '/v3/schedules/{id}/custom_shifts', scope: null },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDWHSV3', since: '2099-03-01T00:00:00Z', until: '2099-04-01T00:00:00Z' },
  async run(pagerduty, request) {
    const source = { path: customShiftsPath(request.schedule_id), list: 'custom_shifts', item: customShift };
    const range = rangeAsked(request, new Date());
    const found = await collect(pagerduty, source, range, { limit: request.limit ?? DEFAULT_LIMIT });
    const { found: people } = await readPeople(pagerduty, found.items.map(takenBy));
    return {
      answer: { custom_shifts: found.items.map((shift) => customShiftFields(shift, people)), more: found.more },
      text: listSentence(found, 'custom shift'),
    };
  },
});
