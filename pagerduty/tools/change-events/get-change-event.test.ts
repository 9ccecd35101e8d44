import { describe, expect, test } from 'vitest';
import { changeEvents } from '../../fake/change-events.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getChangeEvent as tool } from './get-change-event.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_change_event', () => {
  test('gives one change without its routing key and with secrets taken out', async () => {
    expect(await run({ change_event_id: changeEvents.providerKey.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "change_event": {
            "details": "{"provider":"Alpenpay","next_rotation":"in 90 days","[redacted]"}",
            "id": "01JDPAYKEYROTATEPROVIDER00",
            "integration": {
              "id": "PSPAYMC",
              "name": "PSPAYMC",
            },
            "links": [],
            "services": [
              {
                "id": "PSPAYMT",
                "name": "Payments Gateway",
              },
            ],
            "source": "provider-console",
            "summary": "Card provider rotated its signing key",
            "timestamp": "2026-11-23T02:00:00Z",
          },
        },
        "text": "The change was reported at 2026-11-23T02:00:00Z.",
      }
    `);
  });

  test('refuses what is no id, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { change_event_id: 'undefined' })).toHaveLength(1);
    await expect(run({ change_event_id: '01JNOSUCHEVENT' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
