import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getLogEntry as tool } from './get-log-entry.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);
const entryOf = (incidentId: string, type: string) =>
  play.state().logEntries.find((one) => one.incidentId === incidentId && one.type === type)?.id ?? '';

describe('get_log_entry', () => {
  test('gives what happened, by whom and with which note', async () => {
    const asked = { log_entry_id: entryOf(incidents.certificate.id, 'resolve_log_entry') };
    expect(await run(asked)).toMatchInlineSnapshot(`
      {
        "answer": {
          "log_entry": {
            "agent": {
              "id": "PUTOMAS",
              "name": "Tomáš Novák",
            },
            "assignees": [],
            "channel": "api",
            "created_at": "2026-11-21T15:05:00Z",
            "id": "Q9ZF9GTZHNL28F",
            "incident": {
              "id": "Q6CERTIFICATE1",
              "name": "[#4817] Certificate of track.northwind.example expires in 7 days",
            },
            "note": "Renewed; the cron job had lost its permission.",
            "service": {
              "id": "PSTRACK",
              "name": "Parcel Tracking",
            },
            "summary": "Resolved",
            "type": "resolve_log_entry",
          },
        },
        "text": "The log entry is of type resolve_log_entry.",
      }
    `);
  });

  test('names who was assigned', async () => {
    const { answer } = await run({ log_entry_id: entryOf(incidents.checkout5xx.id, 'assign_log_entry') });
    expect(answer).toMatchObject({ log_entry: { assignees: [{ name: 'Priya Raman' }, { name: 'Dana Whitfield' }] } });
  });

  test('takes a credential out of a note', async () => {
    const entryId = entryOf(incidents.trackingLag.id, 'annotate_log_entry');
    play.change((state) => {
      for (const entry of state.logEntries) if (entry.id === entryId) entry.note = 'password: hunter2hunter2';
    });
    const { answer } = await run({ log_entry_id: entryId });
    expect(answer).toMatchObject({ log_entry: { note: '[redacted]' } });
  });

  test('refuses what is no id, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { log_entry_id: 'null' })).toHaveLength(1);
    await expect(run({ log_entry_id: 'QNOENTRY' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
