import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pages } from './docs/pages.ts';
import { stopClock } from './docs/rehearse.ts';
import { withPicture } from './docs/way-of-an-ask.ts';

// Writes docs/tools anew from the declarations of the tools and from running their examples, and the picture of the way
// of an ask from the imports.
const FOLDER = join(import.meta.dirname, '..', 'docs', 'tools');

stopClock();
const made = await pages();
await mkdir(FOLDER, { recursive: true });
for (const old of await readdir(FOLDER)) if (!made.has(old)) await rm(join(FOLDER, old));
for (const [name, text] of made) await writeFile(join(FOLDER, name), text);
const ARCHITECTURE = join(import.meta.dirname, '..', 'docs', 'architecture.md');
await writeFile(ARCHITECTURE, withPicture(await readFile(ARCHITECTURE, 'utf8')));
process.stdout.write(`Wrote ${made.size} pages to docs/tools, and the picture in docs/architecture.md.\n`);
