import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, limit, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { extensionSchema } from './shapes.ts';
import { schemaFields } from './vendors.ts';

const input = toolInput({ limit });

export const listExtensionSchemas = defineReadTool<z.infer<typeof input>>({
  name: 'list_extension_schemas',
  title: 'List extension vendors',
  description: 'List the kinds of extensions that services can have, like ServiceNow or a generic webhook.',
  toolset: 'webhooks',
  source: { operationId: 'listExtensionSchemas', path: '/extension_schemas', scope: 'extension_schemas.read' },
  reads: ['extension_schemas.read'],
  input,
  example: { limit: 10 },
  async run(pagerduty, { limit: wanted = DEFAULT_LIMIT }) {
    const source = { path: '/extension_schemas', list: 'extension_schemas', item: extensionSchema };
    const found = await collect(pagerduty, source, {}, { limit: wanted });
    return {
      answer: { extension_schemas: found.items.map(schemaFields), more: found.more },
      text: listSentence(found, 'extension vendor'),
    };
  },
});
