import { describe, expect, test } from 'vitest';
import { extensionSchemas } from '../../fake/webhooks.ts';
import { runner, stage } from '../testing/stage.ts';
import { getExtensionSchema as tool } from './get-extension-schema.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_extension_schema', () => {
  test('gives the vendor', async () => {
    expect(await run({ schema_id: extensionSchemas.jira.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "extension_schema": {
            "description": "Opens Jira issues for incidents.",
            "guide_url": "https://support.northwind.example/jira",
            "id": "PXSJIRA",
            "key": "jira_server",
            "name": "Jira Server",
            "send_types": [
              "trigger",
              "custom",
            ],
          },
        },
        "text": "The extension vendor is "Jira Server".",
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ schema_id: 'PXSNONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
