import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';

const ours = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A role that does nothing but what `start` says, in a process of its own. */
function role(start: string) {
  const program = `
    import { createServer } from 'node:net';
    import { SettingError } from ${ours('./errors.ts')};
    import { runRole } from ${ours('./run-role.ts')};
    await runRole('worker', async (log) => { ${start} });
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      said += chunk;
    });
  }
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  const silent = [child.stdout, child.stderr].map((stream) => stream && once(stream, 'end'));
  const ended = Promise.all([once(child, 'exit'), ...silent]).then(([exit]) => exit);
  return { child, messages, ended, heard: () => once(child, 'message'), lines: () => said.trim().split('\n') };
}

/** Stops only when it is told to go on, so that a test can do something meanwhile. */
const SLOW = `return async () => {
  const toldToGoOn = new Promise((done) => process.once('message', done));
  process.send('stopping');
  await toldToGoOn;
  log.info('stopped');
};`;

describe('a role', () => {
  test('says that it is ready, and stops when it is told to', async () => {
    const { child, ended, heard, messages, lines } = role(`return async () => log.info('stopped');`);
    await heard();
    expect(messages).toEqual([{ ready: true }]);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const notes = lines().map((line) => JSON.parse(line));
    expect(notes).toMatchObject([
      { role: 'worker', msg: 'ready' },
      { role: 'worker', msg: 'stopped' },
    ]);
  });

  test.each<[NodeJS.Signals]>([['SIGTERM'], ['SIGINT']])('stops once, whatever comes after %s', async (signal) => {
    const { child, ended, heard, messages, lines } = role(SLOW);
    await heard();
    child.kill(signal);
    await heard();
    for (const further of ['SIGTERM', 'SIGINT'] as const) child.kill(further);
    child.send('go on');
    expect(await ended).toEqual([0, null]);
    expect(messages).toEqual([{ ready: true }, 'stopping']);
    expect(lines().filter((line) => line.includes('stopped'))).toHaveLength(1);
  });

  test('stops when its supervisor is gone', async () => {
    const { child, ended, heard, lines } = role(`return async () => log.info('stopped');`);
    await heard();
    child.disconnect();
    expect(await ended).toEqual([0, null]);
    expect(lines().at(-1)).toContain('stopped');
  });

  test('ends also when what it started cannot be stopped, and says so', async () => {
    const { child, ended, heard, lines } = role(`return async () => { throw new TypeError('of a password'); };`);
    await heard();
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(lines()).toHaveLength(2);
    expect(JSON.parse(lines()[1] ?? '')).toMatchObject({ msg: 'could not stop in order', error: 'TypeError' });
  });

  test('with a wrong setting ends with its one sentence', async () => {
    const { ended, lines, messages } = role(`throw new SettingError('A is not set. It is a letter.');`);
    expect(await ended).toEqual([78, null]);
    expect(lines()).toHaveLength(1);
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({ level: 50, msg: 'A is not set. It is a letter.' });
    expect(messages).toEqual([]);
  });

  test('with a taken port ends with one sentence too', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { ended, lines } = role(`await new Promise((resolve, reject) => {
      createServer().once('error', reject).listen(${port}, '127.0.0.1', resolve);
    });`);
    expect(await ended).toEqual([78, null]);
    squatter.close();
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toContain(`Port ${port} cannot be listened on (EADDRINUSE).`);
  });

  test('with a bug ends with its stack', async () => {
    const { ended, lines } = role(`throw new TypeError('a bug');`);
    expect(await ended).toEqual([1, null]);
    expect(lines().join('\n')).toMatch(/TypeError: a bug\n +at /);
  });
});
