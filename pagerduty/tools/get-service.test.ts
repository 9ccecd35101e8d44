import { describe, expect, test } from 'vitest';
import { services } from '../fake/company.ts';
import { getService as tool } from './get-service.ts';
import { runner, stage } from './stage.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_service', () => {
  test('gives the fields that are allowed, and no integrations', async () => {
    const { answer, text } = await run({ service_id: services.payments.id });
    expect(text).toMatch(/^The service "Payments Gateway" is \w+\.$/);
    expect(answer).toMatchInlineSnapshot();
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ service_id: 'PSNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
