import { load } from './bootstrap.mjs';

const { runEverything } = await load('steps.ts');
process.exitCode = await runEverything();
