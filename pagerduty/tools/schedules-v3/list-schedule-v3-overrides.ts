import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, limit, since, toolInput, until } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { overrideFields, overridesPath, peopleIn, shiftOverride } from './overrides.ts';
import { readPeople } from './shifts.ts';
import { rangeAsked } from './windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), since, until, limit });

export const listScheduleV3Overrides = defineReadTool<z.infer<typeof input>>({
  name: 'list_schedule_v3_overrides',
  title: 'List overrides of shifts',
  description: 'List the overrides of a shift-based schedule; without a range those of the next 14 days.',
  toolset: 'schedules_v3',
  source: { operationId: 'listOverrides', path: '/v3/schedules/{id}/overrides', scope: null },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDWHSV3', since: '2099-04-01T00:00:00Z', until: '2099-06-01T00:00:00Z' },
  async run(pagerduty, request) {
    const source = { path: overridesPath(request.schedule_id), list: 'overrides', item: shiftOverride };
    const range = rangeAsked(request, new Date());
    const found = await collect(pagerduty, source, range, { limit: request.limit ?? DEFAULT_LIMIT });
    const { found: people } = await readPeople(pagerduty, found.items.flatMap(peopleIn));
    return {
      answer: { overrides: found.items.map((override) => overrideFields(override, people)), more: found.more },
      text: listSentence(found, 'override'),
    };
  },
});
