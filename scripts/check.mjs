import { load } from '#run/bootstrap.mjs';

const { runChecks } = await load(new URL('./steps.ts', import.meta.url));
process.exitCode = await runChecks();
