import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestFiles } from './manifests.ts';

// Writes the manifests of the Slack app; with an address, prints the one for that address instead.
const [origin] = process.argv.slice(2);
if (origin === undefined) {
  const folder = join(import.meta.dirname, '..', 'docs', 'slack');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of manifestFiles()) {
    await writeFile(join(folder, name), text);
    process.stdout.write(`docs/slack/${name}\n`);
  }
} else if (URL.canParse(origin) && new URL(origin).origin === origin && origin.startsWith('https:')) {
  process.stdout.write(manifestFiles(origin).get('manifest.yaml') ?? '');
} else {
  process.stderr.write(`"${origin}" is not an address such as https://countersign.example.com.\n`);
  process.exitCode = 1;
}
