import { describe, expect, test } from 'vitest';
import { webSettings } from './settings.ts';

const good = { NODE_ENV: 'test', DATABASE_URL: 'postgres://x', PAGERDUTY_READ_TOKEN: 'r' } as const;

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

  test('let people become each other only when told so exactly', () => {
    expect(webSettings({ ...good, COUNTERSIGN_PLAY: '1' }).play).toBe(true);
    expect(webSettings({ ...good, COUNTERSIGN_PLAY: 'yes' }).play).toBe(false);
    expect(webSettings(good).play).toBe(false);
  });
});
