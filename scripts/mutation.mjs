import { load } from '../run/bootstrap.mjs';

const { runMutations } = await load('mutation.ts');
process.exitCode = await runMutations(process.argv.slice(2));
