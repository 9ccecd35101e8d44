import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

/** What a process has written that logs so and is killed at once, as hard as anybody could. */
async function written(statement: string, env: NodeJS.ProcessEnv): Promise<string> {
  const program = `
    import { createLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
    const log = createLog('worker');
    ${statement}
    process.kill(process.pid, 'SIGKILL');
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [, exit] = await Promise.all([once(child.stdout, 'end'), once(child, 'exit')]);
  expect(exit).toEqual([null, 'SIGKILL']);
  return said;
}

test('a line is out before anything else happens, so that the last words of a process are never lost', async () => {
  const said = await written(`log.info('all is well'); log.error('the last words');`, { NODE_ENV: 'test' });
  const last = said.trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ level: 50, role: 'worker', msg: 'the last words' });
});

test('lines below LOG_LEVEL are left out, and a level that there is not hides nothing worth knowing', async () => {
  const both = `log.info('this'); log.warn('that');`;
  const heard = async (LOG_LEVEL: string) => (await written(both, { NODE_ENV: 'test', LOG_LEVEL })).match(/this|that/g);
  expect(await Promise.all(['warn', 'loud', ' info '].map(heard))).toEqual([
    ['that'],
    ['this', 'that'],
    ['this', 'that'],
  ]);
});
