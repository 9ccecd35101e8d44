import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { reference } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, limit, offset, toolInput } from '../input/parameters.ts';
import { line, listSentence, ref, shownName } from '../words/answers.ts';

const input = toolInput({ limit, offset });

const businessService = reference.extend({
  name: z.string().nullish(),
  description: z.string().nullish(),
  team: reference.nullish(),
});

// The point of contact is left out: it is free text, usually a person's name, mail address or phone.
export const listBusinessServices = defineReadTool<z.infer<typeof input>>({
  name: 'list_business_services',
  title: 'List business services',
  description: 'List business services: id, name, description, team.',
  toolset: 'business_services',
  source: { operationId: 'listBusinessServices', path: '/business_services', scope: 'services.read' },
  reads: ['services.read'],
  input,
  example: {},
  async run(pagerduty, { limit: wanted = DEFAULT_LIMIT, offset: skipped = 0 }) {
    const source = { path: '/business_services', list: 'business_services', item: businessService };
    const found = await collect(pagerduty, source, {}, { limit: wanted, offset: skipped });
    const list = found.items.map((item) => ({
      id: item.id,
      name: shownName(item),
      description: line(item.description),
      team: ref(item.team),
    }));
    return { answer: { business_services: list, more: found.more }, text: listSentence(found, 'business service') };
  },
});
