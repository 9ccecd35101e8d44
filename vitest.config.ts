import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{app,mcp,db,slack,approvals,pagerduty,scripts}/**/*.test.{ts,tsx}'],
    globalSetup: ['./scripts/vitest-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
