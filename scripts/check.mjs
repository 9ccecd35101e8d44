import { load } from '../run/bootstrap.mjs';

const { runChecks } = await load('steps.ts');
process.exitCode = await runChecks();
