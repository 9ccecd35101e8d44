import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{app,mcp,slack,approvals,identity,outbox,process,pagerduty,db,run,commands,scripts}/**/*.test.{ts,tsx}'],
    globalSetup: ['./scripts/vitest-setup.ts'],
    // Most of a test is waiting for PostgreSQL; with one worker a machine of two cores is half idle.
    maxWorkers: 2,
    // Loading the catalogue anew for each file would take more than the tests; none of them changes what it imports.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
