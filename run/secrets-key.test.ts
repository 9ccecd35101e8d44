import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptSecretsKey } from './secrets-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-key-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the key for secrets is made at the first start, kept for the next, and readable by nobody else', async () => {
  const made = await keptSecretsKey(folder);
  expect(Buffer.from(made, 'base64')).toHaveLength(32);
  const [file = ''] = await readdir(folder);
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  expect(await keptSecretsKey(folder)).toBe(made);
});

test('a key that is there but cannot be read is never replaced', async () => {
  await keptSecretsKey(folder);
  const [file = ''] = await readdir(folder);
  // Nobody is refused reading who runs as root; a folder in its place is the other thing that cannot be read.
  await rm(join(folder, file));
  await mkdir(join(folder, file));
  await expect(keptSecretsKey(folder)).rejects.toThrow('cannot be read (EISDIR)');
  expect(await readdir(folder)).toEqual([file]);
});

test('an empty file, which a stopped machine may leave, has encrypted nothing and gets a key', async () => {
  await writeFile(join(folder, 'secrets-key'), '');
  const made = await keptSecretsKey(folder);
  expect(Buffer.from(made, 'base64')).toHaveLength(32);
  expect(await readdir(folder)).toEqual(['secrets-key']);
});
