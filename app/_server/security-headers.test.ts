import { expect, test } from 'vitest';
import { contentSecurityPolicy } from './security-headers.ts';

test('allows scripts and styles by nonce only, and more only in development', () => {
  const policy = contentSecurityPolicy('abc', false);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("'nonce-abc'");
  expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
  expect(contentSecurityPolicy('abc', true)).toContain("'unsafe-eval'");
});
