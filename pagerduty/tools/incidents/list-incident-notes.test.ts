import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listIncidentNotes as tool } from './list-incident-notes.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('list_incident_notes', () => {
  test('gives who wrote what, newest first', async () => {
    expect(await run({ incident_id: incidents.conveyorOffline.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "notes": [
            {
              "content": "Parcels are rerouted by hand through EU-1. Next update at the full hour.",
              "created_at": "2026-11-23T12:30:00Z",
              "id": "PZ5YBZ4",
              "user": {
                "id": "PUSAM01",
                "name": "Sam Okafor",
              },
            },
            {
              "content": "Power is fine on site. Switch in row C does not answer; technician is on the way.",
              "created_at": "2026-11-23T11:15:00Z",
              "id": "P0HJDDO",
              "user": {
                "id": "PUAISHA",
                "name": "Aisha Rahmani",
              },
            },
          ],
        },
        "text": "2 notes.",
      }
    `);
  });

  test('keeps to the limit and says that more exist', async () => {
    const { answer, text } = await run({ incident_id: '4815', limit: 1 });
    expect(text).toBe('1 note; more exist, narrow the filters or raise the limit.');
    expect(answer).toMatchObject({ more: true, notes: [{ user: { name: 'Sam Okafor' } }] });
  });

  test('takes out what looks like a credential and makes hidden characters visible', async () => {
    play.change((state) => {
      for (const note of state.notes)
        if (note.incidentId === incidents.trackingLag.id) note.content = 'api_key: 0123456789 \u202e';
    });
    const { answer } = await run({ incident_id: incidents.trackingLag.id });
    expect(answer).toMatchObject({ notes: [{ content: '[redacted] \\u{202e}' }] });
  });

  test('refuses what is no incident, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { incident_id: ' ' })).toHaveLength(1);
    await expect(run({ incident_id: 'QNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
