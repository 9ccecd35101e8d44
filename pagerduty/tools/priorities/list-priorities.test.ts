import { describe, expect, test } from 'vitest';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listPriorities as tool } from './list-priorities.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('list_priorities', () => {
  test('gives ids, names and descriptions, most severe first', async () => {
    expect(await run({})).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "priorities": [
            {
              "description": "Customers cannot order or pay.",
              "id": "PRIO001",
              "name": "P1",
            },
            {
              "description": "Part of the customers is affected.",
              "id": "PRIO002",
              "name": "P2",
            },
            {
              "description": "Something is slow or degraded.",
              "id": "PRIO003",
              "name": "P3",
            },
            {
              "description": "Can wait for working hours.",
              "id": "PRIO004",
              "name": "P4",
            },
          ],
        },
        "text": "4 priorities.",
      }
    `);
  });

  test('takes no arguments', () => {
    expect(refusals(tool, { limit: 5 })).toEqual(['arguments: Unrecognized key: "limit"']);
  });

  test('says so when an account has none', async () => {
    play.change((state) => {
      state.priorities = [];
    });
    expect(await run({})).toEqual({ answer: { priorities: [], more: false }, text: 'No priorities.' });
  });
});
