import { describe, expect, test } from 'vitest';
import { runner, stage } from '../testing/stage.ts';
import { listBusinessServices as tool } from './list-business-services.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_business_services', () => {
  test('lists them with their teams, without the point of contact', async () => {
    const listed = await run({});
    expect(listed).toMatchInlineSnapshot(`
      {
        "answer": {
          "business_services": [
            {
              "description": "Customers order and pay.",
              "id": "PBSHOP1",
              "name": "Online shop",
              "team": {
                "id": "PTCOMRC",
                "name": "Commerce",
              },
            },
            {
              "description": "Parcels reach their door.",
              "id": "PBDELIV",
              "name": "Parcel delivery",
              "team": {
                "id": "PTLOGIS",
                "name": "Logistics",
              },
            },
            {
              "description": null,
              "id": "PBMSGS1",
              "name": "Customer messages",
              "team": null,
            },
          ],
          "more": false,
        },
        "text": "3 business services.",
      }
    `);
    expect(JSON.stringify(listed)).not.toMatch(/@|Ruth/);
  });

  test('keeps to the limit and says when there are more', async () => {
    expect((await run({ limit: 2 })).text).toMatch(/^2 business services; more exist/);
    expect((await run({ limit: 2, offset: 2 })).text).toBe('1 business service.');
    await expect(async () => run({ limit: 0 })).rejects.toThrow();
  });
});
