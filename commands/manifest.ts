import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SettingError } from '#process/errors.ts';
import { manifestFiles } from './manifests.ts';
import type { Command } from './shell.ts';

/** `npm run slack:manifest`: writes the manifests of the Slack app; with an address, prints the one for it instead. */
export const manifest: Command = async ({ args: [origin], say }) => {
  if (origin !== undefined) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin || !origin.startsWith('https:')) {
      throw new SettingError(`"${origin}" is not an address such as https://countersign.example.com.`);
    }
    say((manifestFiles(origin).get('manifest.yaml') ?? '').trimEnd());
    return 0;
  }
  const folder = join(import.meta.dirname, '..', 'docs', 'slack');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of manifestFiles()) {
    await writeFile(join(folder, name), text);
    say(`docs/slack/${name}`);
  }
  return 0;
};
