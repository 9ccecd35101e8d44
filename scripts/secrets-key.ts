import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'secrets-key';

/**
 * The key for what the embedded database keeps encrypted: made at the first start, kept in the data folder, readable by
 * nobody else. 32 bytes in base64.
 */
export async function keptSecretsKey(dataDir: string): Promise<string> {
  const file = join(dataDir, FILE);
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return kept;
  const key = randomBytes(32).toString('base64');
  // Never over one that could not be read: what it encrypted would be lost.
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
  return key;
}
