import { load } from './bootstrap.mjs';

const { start } = await load(new URL('./start.ts', import.meta.url));
await start(process.argv.slice(2));
