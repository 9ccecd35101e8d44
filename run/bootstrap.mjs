import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Ends with one sentence instead of a stack. */
export function giveUp(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Loads a TypeScript file. Uses nothing that npm installs until it is known to be there. */
export async function load(url) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    giveUp(`Countersign needs Node 20.19 or newer; this is ${process.versions.node}.`);
  }
  if (!existsSync(join(root, 'node_modules', 'tsx'))) giveUp('Nothing is installed yet: run npm ci first.');
  process.chdir(root);
  const { register } = await import('tsx/esm/api');
  register();
  return await import(url.href);
}
