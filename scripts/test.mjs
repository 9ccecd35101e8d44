import { load } from '#run/bootstrap.mjs';

const { runEverything } = await load(new URL('./steps.ts', import.meta.url));
process.exitCode = await runEverything();
