import { describe, expect, test } from 'vitest';
import { webSettings } from './settings.ts';

const COUNTERSIGN_SECRETS_KEY = Buffer.alloc(32, 1).toString('base64');
const good = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://x',
  PAGERDUTY_READ_TOKEN: 'r',
  COUNTERSIGN_SECRETS_KEY,
} as const;

describe('the settings of the web process', () => {
  test('keep only the origin of the public URL', () => {
    const { publicOrigin } = webSettings({ ...good, COUNTERSIGN_PUBLIC_URL: 'https://c.example/some/path/' });
    expect(publicOrigin).toBe('https://c.example');
  });

  test('refuse a public URL that is none', () => {
    expect(() => webSettings({ ...good, COUNTERSIGN_PUBLIC_URL: 'javascript:alert(1)' })).toThrow(
      /^COUNTERSIGN_PUBLIC_URL must be a URL/,
    );
  });

  test('refuse the credential that may write', () => {
    expect(() => webSettings({ ...good, PAGERDUTY_WRITE_TOKEN: 'w' })).toThrow(/^The web role must not be given/);
  });

  test('refuse a missing key for secrets, and one that was cut, in a sentence without the key', () => {
    expect(() => webSettings({ ...good, COUNTERSIGN_SECRETS_KEY: undefined })).toThrow(
      /^COUNTERSIGN_SECRETS_KEY is not set\./,
    );
    const cut = COUNTERSIGN_SECRETS_KEY.slice(0, 20);
    expect(() => webSettings({ ...good, COUNTERSIGN_SECRETS_KEY: cut })).toThrow(
      /^COUNTERSIGN_SECRETS_KEY must be 32 bytes in base64, as "openssl rand -base64 32" prints them\.$/,
    );
  });

  test('let people become each other only when told so exactly', () => {
    const playable = { ...good, PAGERDUTY_API_URL: 'http://127.0.0.1:4603' };
    expect(webSettings({ ...playable, COUNTERSIGN_PLAY: '1' }).play).toBe(true);
    expect(webSettings({ ...good, COUNTERSIGN_PLAY: 'yes' }).play).toBe(false);
    expect(webSettings(good).play).toBe(false);
  });

  test.each([undefined, 'https://api.pagerduty.com', 'https://localhost.example'])(
    'do not let people become each other where PagerDuty is %s',
    (PAGERDUTY_API_URL) => {
      expect(() => webSettings({ ...good, PAGERDUTY_API_URL, COUNTERSIGN_PLAY: '1' })).toThrow(
        /^COUNTERSIGN_PLAY lets anybody become anybody/,
      );
    },
  );
});
