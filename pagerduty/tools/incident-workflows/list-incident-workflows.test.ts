import { describe, expect, test } from 'vitest';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listIncidentWorkflows as tool } from './list-incident-workflows.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_incident_workflows', () => {
  test('gives what can be run, found by name', async () => {
    expect(await run({ query: 'bridge' })).toMatchInlineSnapshot(`
      {
        "answer": {
          "incident_workflows": [
            {
              "created_at": "2024-03-11T09:30:00Z",
              "description": "Replaced by the channel.",
              "enabled": false,
              "id": "PWBRIDG",
              "name": "Open the conference bridge",
              "team": {
                "id": "PTLOGIS",
                "name": "PTLOGIS",
              },
            },
          ],
          "more": false,
        },
        "text": "1 incident workflow.",
      }
    `);
  });

  test('names the steps and the team when asked, without the inputs', async () => {
    const { answer } = await run({ query: 'major', include: ['steps', 'team'] });
    expect(answer).toMatchObject({
      incident_workflows: [{ team: { name: 'Commerce' }, steps: [{ number: '1' }, {}, {}, { number: '3.1' }, {}] }],
    });
    expect(JSON.stringify(answer)).not.toContain('nwp_');
  });

  test('keeps to the limit and says that more exist', async () => {
    expect(await run({ limit: 1 })).toMatchObject({
      answer: { more: true },
      text: expect.stringMatching(/^1 incident/),
    });
    expect((await run({})).text).toBe('3 incident workflows.');
  });

  test('refuses what it cannot include', () => {
    expect(refusals(tool, { include: ['secrets'] })).toHaveLength(1);
  });
});
