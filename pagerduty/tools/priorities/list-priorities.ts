import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { reference } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { toolInput } from '../input/parameters.ts';
import { line, listSentence, shownName } from '../words/answers.ts';

const input = toolInput({});

const priority = reference.extend({ name: z.string().nullish(), description: z.string().nullish() });

export const listPriorities = defineReadTool<z.infer<typeof input>>({
  name: 'list_priorities',
  title: 'List priorities',
  description: 'List the priorities of the account, most severe first.',
  toolset: 'priorities',
  source: { operationId: 'listPriorities', path: '/priorities', scope: 'priorities.read' },
  reads: ['priorities.read'],
  input,
  example: {},
  async run(pagerduty) {
    const source = { path: '/priorities', list: 'priorities', item: priority };
    const found = await collect(pagerduty, source, {}, { limit: 100 });
    const priorities = found.items.map((item) => ({
      id: item.id,
      name: shownName(item),
      description: line(item.description),
    }));
    return { answer: { priorities, more: found.more }, text: listSentence(found, 'priority', 'priorities') };
  },
});
