import { describe, expect, test } from 'vitest';
import { createReadClient } from '../../read-client.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getUserData as tool } from './get-user-data.ts';

const { play, reads } = await stage();
const priya = createReadClient({ baseUrl: play.url, token: play.company.tokens.userPriyaRead });

describe('get_user_data', () => {
  test('gives the person behind a personal credential, without addresses and phones', async () => {
    const { answer, text } = await runner(tool, priya)({});
    expect({ answer, text }).toMatchInlineSnapshot(`
      {
        "answer": {
          "user": {
            "id": "PUPRIYA",
            "job_title": "Senior Site Reliability Engineer",
            "name": "Priya Raman",
            "role": "limited_user",
            "teams": [
              {
                "id": "PTCOMRC",
                "name": "Commerce",
              },
            ],
            "time_zone": "Europe/Berlin",
          },
        },
        "text": "PagerDuty is read with a credential of Priya Raman; that need not be the person you act for.",
      }
    `);
    expect(JSON.stringify(answer)).not.toMatch(/@|contact|phone/i);
  });

  test('says that a credential of the account belongs to nobody, and what to use instead', async () => {
    expect(await runner(tool, reads)({})).toMatchInlineSnapshot(`
      {
        "answer": {
          "user": null,
        },
        "text": "There is no such user: PagerDuty is read with a credential of the account, which belongs to nobody. To find a person use list_users with a name, to find who is on call use list_oncalls.",
      }
    `);
  });

  test('keeps an outage apart from "belongs to nobody"', async () => {
    const stranger = createReadClient({ baseUrl: play.url, token: 'unknown-key' });
    await expect(runner(tool, stranger)({})).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('takes no arguments', () => {
    expect(refusals(tool, { user_id: 'PULENA1' })).toEqual(['arguments: Unrecognized key: "user_id"']);
  });
});
