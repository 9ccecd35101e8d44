import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { listWords, wordsInput } from './words.ts';

export const listStatusPageSeverities = defineReadTool<z.infer<typeof wordsInput>>({
  name: 'list_status_page_severities',
  title: 'List severities of a status page',
  description: 'List the severities that posts on a status page can have, each for one type of posts.',
  toolset: 'status_pages',
  source: {
    operationId: 'listStatusPageSeverities',
    path: '/status_pages/{id}/severities',
    scope: 'status_pages.read',
  },
  reads: ['status_pages.read'],
  input: wordsInput,
  example: { status_page_id: 'PWCUSTM' },
  run: (pagerduty, request) => listWords(pagerduty, request, { list: 'severities', noun: 'severity' }),
});
