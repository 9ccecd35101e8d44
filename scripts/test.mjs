import { load } from '../run/bootstrap.mjs';

const { runEverything } = await load('steps.ts');
process.exitCode = await runEverything();
