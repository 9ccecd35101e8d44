import { describe, expect, test } from 'vitest';
import { services } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getTechnicalServiceDependencies as tool } from './get-technical-service-dependencies.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_technical_service_dependencies', () => {
  test('tells both directions apart', async () => {
    expect(await run({ service_id: services.mailer.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "depends_on": [
            {
              "id": "PSTRACK",
              "type": "technical_service",
            },
          ],
          "service_id": "PSMAILR",
          "supports": [
            {
              "id": "PBMSGS1",
              "type": "business_service",
            },
          ],
        },
        "text": "The service depends on 1 service and supports 1 service.",
      }
    `);
    expect((await run({ service_id: services.checkout.id })).text).toBe(
      'The service depends on 1 service and supports 1 service.',
    );
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ service_id: 'PSNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(async () => run({ service_id: 'null' })).rejects.toThrow('is blank');
  });
});
