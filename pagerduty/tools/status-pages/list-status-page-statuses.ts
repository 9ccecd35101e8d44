import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { listWords, wordsInput } from './words.ts';

export const listStatusPageStatuses = defineReadTool<z.infer<typeof wordsInput>>({
  name: 'list_status_page_statuses',
  title: 'List statuses of a status page',
  description: 'List the statuses that posts on a status page can have, each for one type of posts.',
  toolset: 'status_pages',
  source: {
    operationId: 'listStatusPageStatuses',
    path: '/status_pages/{id}/statuses',
    scope: 'status_pages.read',
  },
  reads: ['status_pages.read'],
  input: wordsInput,
  example: { status_page_id: 'PWCUSTM' },
  run: (pagerduty, request) => listWords(pagerduty, request, { list: 'statuses', noun: 'status' }),
});
