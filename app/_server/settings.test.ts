import { describe, expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const good = { NODE_ENV: 'test', DATABASE_URL: 'postgres://x', PAGERDUTY_READ_TOKEN: 'r' } as const;

describe('the settings of the web process', () => {
  test('need a database and a credential that can read, and default the rest', () => {
    expect(readSettings(good)).toEqual({
      databaseUrl: 'postgres://x',
      pagerdutyApiUrl: 'https://api.pagerduty.com',
      pagerdutyReadToken: 'r',
      publicOrigin: 'http://127.0.0.1:3000',
      play: false,
    });
  });

  test.each(['DATABASE_URL', 'PAGERDUTY_READ_TOKEN'])('say by name that %s is missing', (name) => {
    expect(() => readSettings({ ...good, [name]: '' })).toThrow(new RegExp(`^${name} is not set\\.`));
  });

  test('refuse a public URL that is none', () => {
    expect(() => readSettings({ ...good, COUNTERSIGN_PUBLIC_URL: 'countersign.example' })).toThrow(
      /COUNTERSIGN_PUBLIC_URL/,
    );
    expect(() => readSettings({ ...good, COUNTERSIGN_PUBLIC_URL: 'javascript:alert(1)' })).toThrow(/http or https/);
  });

  test('keep only the origin of the public URL', () => {
    const { publicOrigin } = readSettings({ ...good, COUNTERSIGN_PUBLIC_URL: 'https://c.example/some/path/' });
    expect(publicOrigin).toBe('https://c.example');
  });

  test('let people become each other only when told so exactly', () => {
    expect(readSettings({ ...good, COUNTERSIGN_PLAY: '1' }).play).toBe(true);
    expect(readSettings({ ...good, COUNTERSIGN_PLAY: 'yes' }).play).toBe(false);
  });
});
