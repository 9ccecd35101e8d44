import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{app,mcp,slack,approvals,identity,outbox,process,pagerduty,db,run,commands,scripts}/**/*.test.{ts,tsx}'],
    reporters: ['default', './scripts/skipped-reporter.ts'],
    globalSetup: ['./scripts/vitest-setup.ts'],
    // Most of a test is waiting for PostgreSQL; with one worker a machine of two cores is half idle.
    maxWorkers: 2,
    // Loading the catalogue anew for each file would take more than the tests; none of them changes what it imports.
    isolate: false,
    // For what hangs; a test that is merely slow, on a machine that has other work to do, is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 110_000 } },
  },
});
