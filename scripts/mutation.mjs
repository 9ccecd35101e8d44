import { load } from '#run/bootstrap.mjs';

const { runMutations } = await load(new URL('./mutation.ts', import.meta.url));
process.exitCode = await runMutations(process.argv.slice(2));
