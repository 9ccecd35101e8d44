import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { logEntry, reference } from '../../schemas.ts';
import { id, toolInput } from '../input/parameters.ts';
import { block, logEntryFields, refs } from '../words/answers.ts';

const input = toolInput({ log_entry_id: id('log entry') });

const logEntryAnswer = z.object({
  log_entry: logEntry.extend({ note: z.string().nullish(), assignees: z.array(reference).nullish() }),
});

export const getLogEntry = defineReadTool<z.infer<typeof input>>({
  name: 'get_log_entry',
  title: 'Read a log entry',
  description: 'Read one entry of a timeline: what happened, when, to which incident, by whom, with which note.',
  toolset: 'log_entries',
  source: { operationId: 'getLogEntry', path: '/log_entries/{id}', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { log_entry_id: 'Q48KVW9TL0HJPF' },
  async run(pagerduty, { log_entry_id: logEntryId }) {
    const { log_entry: entry } = await pagerduty.get(`/log_entries/${encodeURIComponent(logEntryId)}`, logEntryAnswer);
    return {
      answer: { log_entry: { ...logEntryFields(entry), assignees: refs(entry.assignees), note: block(entry.note) } },
      text: `The log entry is of type ${entry.type}.`,
    };
  },
});
