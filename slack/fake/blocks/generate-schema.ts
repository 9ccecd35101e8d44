import { writeFile } from 'node:fs/promises';
import { schemaText } from './schema-source.ts';

// Run after an upgrade of Bolt: node --import tsx slack/fake/blocks/generate-schema.ts
await writeFile(new URL('schema.json', import.meta.url), schemaText());
