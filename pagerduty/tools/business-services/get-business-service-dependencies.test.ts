import { describe, expect, test } from 'vitest';
import { businessServices } from '../../fake/business-services.ts';
import { runner, stage } from '../testing/stage.ts';
import { getBusinessServiceDependencies as tool } from './get-business-service-dependencies.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_business_service_dependencies', () => {
  test('tells what it depends on and what it supports', async () => {
    expect(await run({ business_service_id: businessServices.delivery.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "depends_on": [
            {
              "id": "PSTRACK",
              "type": "technical_service",
            },
            {
              "id": "PSWAREH",
              "type": "technical_service",
            },
          ],
          "service_id": "PBDELIV",
          "supports": [
            {
              "id": "PBSHOP1",
              "type": "business_service",
            },
          ],
        },
        "text": "The service depends on 2 services and supports 1 service.",
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ business_service_id: 'PBNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
