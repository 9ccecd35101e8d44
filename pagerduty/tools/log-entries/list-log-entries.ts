import { z } from 'zod';
import { hidden } from '../../published.ts';
import { defineReadTool } from '../../read-tool.ts';
import { logEntry } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import {
  DEFAULT_LIMIT,
  ids,
  include,
  limit,
  offset,
  optional,
  queryModel,
  since,
  timeZone,
  toolInput,
  until,
} from '../input/parameters.ts';
import { listSentence, logEntryFields } from '../words/answers.ts';

const WEEK_MS = 7 * 86_400_000;

const input = toolInput({
  query_model: queryModel({
    since,
    until,
    limit,
    offset,
    is_overview: optional(z.boolean()).describe('Only the entries that change an incident.'),
    include,
    team_ids: ids('team'),
    time_zone: timeZone,
    total: hidden(optional(z.boolean())),
  }),
});

export const listLogEntries = defineReadTool<z.infer<typeof input>>({
  name: 'list_log_entries',
  title: 'List log entries',
  description: 'List what happened to incidents of the account, newest first. Without a range: the last seven days.',
  toolset: 'log_entries',
  source: { operationId: 'listLogEntries', path: '/log_entries', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { query_model: { limit: 10 } },
  async run(pagerduty, { query_model: filter = {} }) {
    const until = filter.until === undefined ? Date.now() : Date.parse(filter.until);
    const query = {
      since: filter.since ?? new Date(until - WEEK_MS).toISOString(),
      until: filter.until,
      is_overview: filter.is_overview,
      team_ids: filter.team_ids,
      time_zone: filter.time_zone,
    };
    const source = { path: '/log_entries', list: 'log_entries', item: logEntry };
    const wanted = { limit: filter.limit ?? DEFAULT_LIMIT, offset: filter.offset ?? 0 };
    const found = await collect(pagerduty, source, query, wanted);
    return {
      answer: { log_entries: found.items.map(logEntryFields), more: found.more },
      text: listSentence(found, 'log entry', 'log entries'),
    };
  },
});
