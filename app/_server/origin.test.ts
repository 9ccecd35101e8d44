import { describe, expect, test } from 'vitest';
import { foreignOrigin } from './origin.ts';

const PUBLIC = 'https://countersign.example.com';
const verdict = (headers: Record<string, string>) => foreignOrigin(new Headers(headers), PUBLIC);

describe('which page may change something', () => {
  test('accepts a page of the public origin', () => {
    expect(verdict({ origin: PUBLIC, 'sec-fetch-site': 'same-origin', host: 'countersign.example.com' })).toBeNull();
  });

  test('accepts a browser that does not tell the site yet', () => {
    expect(verdict({ origin: PUBLIC, host: 'countersign.example.com' })).toBeNull();
  });

  test('accepts a plain form of its own, whose origin the referrer policy hides', () => {
    expect(verdict({ origin: 'null', 'sec-fetch-site': 'same-origin', host: 'countersign.example.com' })).toBeNull();
  });

  test.each(['http://127.0.0.1:3000', 'http://localhost:4000', 'http://[::1]:3000'])(
    'accepts the own host on loopback: %s',
    (origin) => {
      expect(verdict({ origin, host: new URL(origin).host })).toBeNull();
    },
  );

  test.each([
    ['another site', { origin: 'https://evil.example', host: 'countersign.example.com' }],
    ['another site, as the browser says', { origin: PUBLIC, 'sec-fetch-site': 'cross-site', host: 'x' }],
    ['a sibling of the same site', { origin: PUBLIC, 'sec-fetch-site': 'same-site', host: 'x' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site', host: 'x' }],
    ['a hidden origin without the word of the browser', { origin: 'null', host: 'countersign.example.com' }],
    ['something that names no origin', { host: 'countersign.example.com' }],
    [
      'the public host without encryption',
      { origin: 'http://countersign.example.com', host: 'countersign.example.com' },
    ],
    ['a site that resolves to this machine', { origin: 'http://evil.example:3000', host: 'evil.example:3000' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:9999', host: '127.0.0.1:3000' }],
    [
      'a host that only begins like loopback',
      { origin: 'http://127.0.0.1.evil.example', host: '127.0.0.1.evil.example' },
    ],
  ])('refuses %s', (_what, headers) => {
    expect(verdict(headers as Record<string, string>)).toMatch(/^It (was|does)/);
  });
});
