import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type PostgresBinaries, reachable } from './postgres-binaries.ts';

/** The server's superuser, and the name of the database. */
export const USER = 'countersign';
export const PASSWORD_FILE = 'countersign-password';

/** Nothing of our environment reaches the server: it holds secrets, and PG* variables change what it does. */
export function spawnOptions(binaries: PostgresBinaries) {
  const env = { PATH: process.env.PATH ?? '', TZ: 'UTC', LC_ALL: 'C', SystemRoot: process.env.SystemRoot ?? '' };
  // Next's types make NODE_ENV a required variable.
  return { env: { ...env, NODE_ENV: 'production' as const }, cwd: '/', ...(binaries.owner ?? {}) };
}

/** Runs to the end; the last line it said if it failed, else null. */
async function run(command: string, args: string[], binaries: PostgresBinaries): Promise<string | null> {
  return await new Promise((done) => {
    const child = spawn(command, args, { ...spawnOptions(binaries), stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.once('error', (error) => done(error.message));
    child.once('close', (code) => done(code === 0 ? null : (said.trim().split('\n').at(-1) ?? `exit ${code}`)));
  });
}

/** The folder itself, or one in /var/tmp that it points to when the server's user cannot get to it. */
export async function placeData(dataDir: string, owner: PostgresBinaries['owner']): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (owner === null) return dataDir;
  if (await reachable(dirname(dataDir))) {
    await chown(dataDir, owner.uid, owner.gid);
    return dataDir;
  }
  const pointer = join(dataDir, 'location');
  const known = await readFile(pointer, 'utf8').catch(() => null);
  if (known !== null && (await stat(known).catch(() => null))) return known;
  const elsewhere = await mkdtemp('/var/tmp/countersign-data-');
  await chown(elsewhere, owner.uid, owner.gid);
  await writeFile(pointer, elsewhere);
  return elsewhere;
}

/** Makes the cluster beside its final name, so that one interrupted half-way is never taken for a good one. */
export async function createCluster(data: string, binaries: PostgresBinaries, fsync: boolean): Promise<void> {
  const draft = await mkdtemp(join(data, 'draft-'));
  const password = `${draft}-password`;
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (binaries.owner) {
    await chown(draft, binaries.owner.uid, binaries.owner.gid);
    await chown(password, binaries.owner.uid, binaries.owner.gid);
  }
  const args = ['-D', draft, '-U', USER, `--pwfile=${password}`, '--auth=scram-sha-256', '-E', 'UTF8', '--locale=C'];
  const said = await run(join(binaries.binDir, 'initdb'), fsync ? args : [...args, '--no-sync'], binaries);
  if (said !== null) {
    await rm(draft, { recursive: true, force: true });
    throw new Error(`The embedded PostgreSQL could not be set up in ${data}: ${said}. Or set DATABASE_URL.`);
  }
  await rename(password, join(draft, PASSWORD_FILE));
  await rename(draft, join(data, 'cluster')).catch(async (error: NodeJS.ErrnoException) => {
    // Somebody else of ours was faster; theirs is as good.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(draft, { recursive: true, force: true });
  });
}
