import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { extensionSchemaAnswer } from './shapes.ts';
import { schemaFields, schemaName } from './vendors.ts';

const input = toolInput({ schema_id: id('extension vendor') });

export const getExtensionSchema = defineReadTool<z.infer<typeof input>>({
  name: 'get_extension_schema',
  title: 'Read an extension vendor',
  description: 'Read one kind of extension: what it is and which events it sends.',
  toolset: 'webhooks',
  source: { operationId: 'getExtensionSchema', path: '/extension_schemas/{id}', scope: 'extension_schemas.read' },
  reads: ['extension_schemas.read'],
  input,
  example: { schema_id: 'PXSGENW' },
  async run(pagerduty, { schema_id: schemaId }) {
    const path = `/extension_schemas/${encodeURIComponent(schemaId)}`;
    const { extension_schema: found } = await pagerduty.get(path, extensionSchemaAnswer);
    return {
      answer: { extension_schema: schemaFields(found) },
      text: `The extension vendor is "${schemaName(found)}".`,
    };
  },
});
