import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SettingError } from '#process/errors.ts';

const FILE = 'secrets-key';

/**
 * The key for what the embedded database keeps encrypted: made at the first start, kept in the data folder, readable by
 * nobody else. 32 bytes in base64.
 */
export async function keptSecretsKey(dataDir: string): Promise<string> {
  const file = join(dataDir, FILE);
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    // Never over one that cannot be read: what it encrypted would be lost.
    throw new SettingError(`The key for secrets in ${file} cannot be read (${error.code}). Give it back its rights.`);
  });
  if (kept !== null && kept.trim() !== '') return kept.trim();
  const key = randomBytes(32).toString('base64');
  // Whole or not at all, also when the machine stops in between; an empty file encrypted nothing.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${key}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
  return key;
}
