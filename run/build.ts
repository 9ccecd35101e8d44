import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const exitWithParent = new URL('./exit-with-parent.mjs', import.meta.url).href;
const NEXT = 'node_modules/next/dist/bin/next';
const STAMP = '.next/countersign-sources';
/** What the dashboard is made of; a test holds this against what it imports. */
export const BUILT_FROM = ['app', 'approvals', 'identity', 'outbox', 'process', 'pagerduty', 'db', 'public'];
const FILES = [
  'package-lock.json',
  'package.json',
  'tsconfig.json',
  'next.config.ts',
  'postcss.config.mjs',
  'proxy.ts',
  'instrumentation.ts',
  'instrumentation-client.ts',
];

async function sourceFiles(): Promise<string[]> {
  const inFolders = await Promise.all(
    BUILT_FROM.map(async (folder) => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const files = [...inFolders.flat(), ...FILES.map((file) => join(root, file))];
  return files.filter((file) => !/\.test\.tsx?$/.test(file)).sort();
}

/** By content, not by time: a checkout or a copy changes every time stamp and nothing else. */
async function hashSources(): Promise<string> {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '');
  for (const file of await sourceFiles()) {
    const content = await readFile(file).catch(() => null);
    if (content !== null) hash.update(`\0${file.slice(root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

export type BuildState = 'fresh' | 'old' | 'missing';

async function isBuilt(): Promise<boolean> {
  return (await readFile(join(root, '.next/BUILD_ID'), 'utf8').catch(() => null)) !== null;
}

export async function buildState(): Promise<BuildState> {
  if (!(await isBuilt())) return 'missing';
  const built = await readFile(join(root, STAMP), 'utf8').catch(() => null);
  return built === (await hashSources()) ? 'fresh' : 'old';
}

/**
 * Builds the dashboard. No secret and no setting of ours reaches the build. It ends with this process.
 *
 * @returns everything it said, and whether it worked.
 */
export async function build(signal?: AbortSignal): Promise<{ ok: boolean; output: string }> {
  const hash = await hashSources();
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  const child = spawn(process.execPath, ['--import', exitWithParent, NEXT, 'build'], {
    cwd: root,
    ...(signal && { signal }),
    killSignal: 'SIGKILL',
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((done) => {
    child.once('error', () => done(1));
    child.once('close', done);
  });
  const ok = code === 0 && (await isBuilt());
  if (ok) await writeFile(join(root, STAMP), hash);
  return { ok, output };
}
