import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateAgent } from '#identity/agents.ts';
import { previewSignIn } from '#identity/sessions.ts';
import { createStage, type Stage } from '#mcp/testing/stage.ts';
import { agent } from './agent.ts';
import { agents } from './agents.ts';
import { people } from './people.ts';
import { scopes } from './scopes.ts';
import { runCommand } from './shell.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  stage.work();
});
afterAll(() => stage.close());

interface Ended {
  code: number | null;
  out: string;
  complaint: string;
}

const COMMANDS = { agent, agents, people, scopes };

const environment = () => ({
  DATABASE_URL: stage.url,
  PAGERDUTY_API_URL: stage.fake.url,
  PAGERDUTY_READ_TOKEN: stage.fake.company.tokens.accountRead,
  COUNTERSIGN_DATA: '/nonexistent/countersign',
  COUNTERSIGN_MCP_URL: stage.server.url,
  COUNTERSIGN_TOKEN: stage.tokens.triage,
});

/** What `npm run …` does, in this process. */
async function npmRun(
  name: keyof typeof COMMANDS,
  args: string[],
  change: Record<string, string> = {},
): Promise<Ended> {
  const ended: Ended = { code: null, out: '', complaint: '' };
  ended.code = await runCommand(COMMANDS[name], {
    args,
    env: { ...environment(), ...change },
    say: (line) => {
      ended.out += `${line}\n`;
    },
    complain: (line) => {
      ended.complaint += `${line}\n`;
    },
  });
  return ended;
}

describe('a process of its own', () => {
  async function typed(args: string[]): Promise<Ended> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'commands/main.ts', ...args], {
      cwd: root,
      env: { ...environment(), PATH: process.env.PATH ?? '', NODE_ENV: 'test' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended: Ended = { code: null, out: '', complaint: '' };
    child.stdout.on('data', (chunk) => {
      ended.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      ended.complaint += chunk;
    });
    const [code] = await once(child, 'close');
    return { ...ended, code };
  }

  test('says on its outputs and by its exit code what the command did', async () => {
    const [done, refused, unknown] = await Promise.all([
      typed(['agents', 'list']),
      typed(['people', 'link', 'x@y.example']),
      typed(['peple']),
    ]);
    expect(done).toMatchObject({ code: 0, complaint: '', out: expect.stringContaining('triage-bot') });
    expect(refused).toMatchObject({ code: 1, out: '', complaint: expect.stringContaining('There is nobody with') });
    expect(unknown).toMatchObject({ code: 1, complaint: expect.stringContaining('There is no command "peple"') });
  });

  test('is what each of the npm scripts starts', async () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      await readFile(join(root, 'package.json'), 'utf8'),
    );
    const started = Object.values(scripts).flatMap((line) => /commands\/main\.ts (\w+)$/.exec(line)?.[1] ?? []);
    expect(started.toSorted()).toEqual(['agent', 'agents', 'manifest', 'people', 'scopes']);
  });
});

describe('npm run agents', () => {
  test('makes an agent whose credential works until it is revoked', async () => {
    const made = await npmRun('agents', [
      'create',
      'night-bot',
      '--owner',
      'dana.whitfield@northwind.example',
      '--read-only',
    ]);
    expect(made).toMatchObject({ code: 0, complaint: '' });
    expect(made.out).toContain('Dana Whitfield can never approve what it asks.');
    const token = /csa_[0-9a-z]{52}/.exec(made.out)?.[0] ?? '';
    const store = { db: stage.db, now: stage.clock.now, toolsets: null };
    expect(await authenticateAgent(store, token)).toMatchObject({ name: 'night-bot', canWrite: false });

    expect((await npmRun('agents', ['list'])).out).toMatch(/night-bot +only reads +owner Dana Whitfield/);
    expect((await npmRun('agents', ['revoke', 'night-bot'])).out).toContain('Ended 1 credentials');
    expect(await authenticateAgent(store, token)).toBeNull();
  });

  test.each([
    ['nothing', [], 'npm run agents -- create'],
    ['an unknown flag', ['list', '--force'], "Unknown option '--force'"],
    ['no owner', ['create', 'x-bot'], '--owner EMAIL'],
    ['an owner who is nobody', ['create', 'x-bot', '--owner', 'x@y.example'], 'There is nobody with the e-mail'],
    ['a name that is taken', ['create', 'triage-bot', '--owner', 'dana.whitfield@northwind.example'], 'already'],
  ])('with %s says what is wrong', async (_, args, words) => {
    const ended = await npmRun('agents', args);
    expect(ended).toMatchObject({ code: 1, out: '', complaint: expect.stringContaining(words) });
  });

  test('without a database says where it looks for one', async () => {
    const ended = await npmRun('agents', ['list'], { DATABASE_URL: '' });
    expect(ended).toMatchObject({ code: 1, complaint: expect.stringContaining('"npm start" must be running') });
  });
});

describe('npm run agents -- toolsets', () => {
  test('chooses what an agent may use, and says so in the list', async () => {
    expect((await npmRun('agents', ['toolsets', 'other-bot', 'default,teams'])).code).toBe(0);
    expect((await npmRun('agents', ['list'])).out).toMatch(/other-bot .*toolsets incidents .* teams/);
    expect((await npmRun('agents', ['toolsets', 'other-bot', 'installed'])).out).toContain('uses: installed');
    expect((await npmRun('agents', ['list'])).out).not.toContain('toolsets');
  });

  test.each([
    ['a wrong name', ['toolsets', 'other-bot', 'team'], '"team" is no toolset. There are all, default,'],
    ['no choice', ['toolsets', 'other-bot'], 'toolsets NAME LIST'],
    ['an unknown agent', ['toolsets', 'ghost', 'all'], 'There is no agent called "ghost"'],
  ])('with %s says what is wrong', async (_, args, words) => {
    expect(await npmRun('agents', args)).toMatchObject({ code: 1, complaint: expect.stringContaining(words) });
  });
});

describe('npm run pagerduty:scopes', () => {
  test('says what a read-only key lacks, and that a write key is not tried', async () => {
    const { code, out } = await npmRun('scopes', ['--toolsets', 'analytics,teams'], {
      PAGERDUTY_WRITE_TOKEN: stage.fake.company.tokens.accountFull,
    });
    expect(code).toBe(0);
    expect(out).toContain('Toolsets: teams, analytics');
    expect(out).toMatch(/needs {5}analytics\.write, .*teams\.read/);
    expect(out).toMatch(/lacks {5}analytics\.write\n/);
    expect(out).toMatch(/needs {5}teams\.write\n.*cannot be tried without writing/);
    expect(stage.fake.ledger()).toEqual([]);
  });

  test('compares the scopes of OAuth apps with what is needed', async () => {
    const { reader, writer } = stage.fake.company.oauthClients;
    const { out } = await npmRun('scopes', ['--toolsets', 'oncall'], {
      PAGERDUTY_READ_TOKEN: '',
      PAGERDUTY_READ_CLIENT_ID: reader.clientId,
      PAGERDUTY_READ_CLIENT_SECRET: reader.clientSecret,
      PAGERDUTY_WRITE_CLIENT_ID: writer.clientId,
      PAGERDUTY_WRITE_CLIENT_SECRET: writer.clientSecret,
      PAGERDUTY_ACCOUNT: 'us.northwind',
      PAGERDUTY_OAUTH_URL: `${stage.fake.url}/oauth/token`,
    });
    expect(out).toMatch(/needs .*oncalls\.read.*\n {2}lacks {5}nothing\n {2}too much {2}.*incidents\.read/);
    expect(out).toMatch(/needs {5}nothing\n {2}lacks {5}nothing\n {2}too much {2}.*incidents\.write/);
  });

  test('says when what is granted cannot be found out', async () => {
    const ended = await npmRun('scopes', [], { PAGERDUTY_API_URL: 'http://127.0.0.1:9' });
    expect(ended).toMatchObject({ code: 1, complaint: expect.stringContaining('could not be found out') });
  });
});

describe('npm run people', () => {
  test('prints a sign-in link for somebody and lets nobody in who was removed', async () => {
    const email = 'kenji.sato@northwind.example';
    const { out } = await npmRun('people', ['link', email], { COUNTERSIGN_PUBLIC_URL: 'https://pd.example' });
    const [, token = ''] = /https:\/\/pd\.example\/sign-in\?token=(\S+)/.exec(out) ?? [];
    // The command uses the database's own time, the test clock stands still a little before it.
    expect(await previewSignIn({ db: stage.db, now: stage.clock.now }, token)).toMatchObject({ email });
    expect((await npmRun('people', ['remove', email])).code).toBe(0);
    expect(await previewSignIn({ db: stage.db, now: stage.clock.now }, token)).toBeNull();
    expect((await npmRun('people', ['link', email])).complaint).toContain('was removed');
  });

  test('adds a person by PagerDuty id, with name and e-mail from there', async () => {
    const { aisha } = stage.fake.company.people;
    const added = await npmRun('people', ['add', aisha.id, '--fallback']);
    expect(added.out).toContain(`${aisha.name} <${aisha.email}> may sign in, also in the fallback group.`);
    expect(await npmRun('people', ['add', 'PNOBODY'])).toMatchObject({
      code: 1,
      complaint: expect.stringContaining('PagerDuty knows no user with the id "PNOBODY".'),
    });
  });

  test('adds a person where an OAuth app reads PagerDuty, and says so when nothing does', async () => {
    const {
      oauthClients,
      people: { aisha },
    } = stage.fake.company;
    const added = await npmRun('people', ['add', aisha.id], {
      PAGERDUTY_READ_TOKEN: '',
      PAGERDUTY_READ_CLIENT_ID: oauthClients.reader.clientId,
      PAGERDUTY_READ_CLIENT_SECRET: oauthClients.reader.clientSecret,
      PAGERDUTY_ACCOUNT: 'us.northwind',
      PAGERDUTY_OAUTH_URL: `${stage.fake.url}/oauth/token`,
    });
    expect(added.out).toContain(`${aisha.name} <${aisha.email}> may sign in.`);
    const without = await npmRun('people', ['add', aisha.id], { PAGERDUTY_READ_TOKEN: '' });
    expect(without.complaint).toMatch(/^PAGERDUTY_READ_TOKEN is not set\./);
  });
});

describe('npm run agent', () => {
  test('asks, waits for a human, and says that it is done', async () => {
    const ended = npmRun('agent', []);
    const row = await stage.waiting();
    expect(row).toMatchObject({ tool: 'manage_incidents', agentReason: expect.stringContaining('back to normal') });
    await stage.approve(row, 'priya');
    const { code, out } = await ended;
    expect(out).toMatch(/Done: Resolve incident #4822/);
    expect(code).toBe(0);
  });

  test('says that it was not done when a human says no', async () => {
    const ended = npmRun('agent', ['--incident', '4821', '--note', 'All good.']);
    await stage.deny(await stage.waiting(), 'priya', 'Not yet.');
    expect(await ended).toMatchObject({
      code: 2,
      out: expect.stringMatching(/Not done \(denied\).+\nThe human wrote: "Not yet\."/),
    });
  });

  test('gives up waiting in time and says that the request stays', async () => {
    const ended = await npmRun('agent', ['--incident', 'Q1CHECKOUT5XX1', '--status', 'acknowledged', '--timeout', '1']);
    expect(ended).toMatchObject({
      code: 3,
      out: expect.stringContaining('Waiting for a human: http://localhost:4600/r/apr_'),
    });
  });

  test('tells what it can be told, and what to do when there is nothing to ask for', async () => {
    expect(await npmRun('agent', ['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--incident') });
    const unknown = await npmRun('agent', ['--incident', '9999']);
    expect(unknown).toMatchObject({
      code: 1,
      complaint: expect.stringContaining('No open incident has the id or number 9999.'),
    });
  });

  test.each([
    ['no credential', { COUNTERSIGN_TOKEN: '' }, 'There is no credential'],
    ['nobody there', { COUNTERSIGN_MCP_URL: 'http://127.0.0.1:9/mcp' }, 'Is "npm start" running?'],
    ['a wrong credential', { COUNTERSIGN_TOKEN: 'x' }, 'not accepted'],
  ])('with %s says so', async (_, change, words) => {
    expect(await npmRun('agent', [], change)).toMatchObject({ code: 1, complaint: expect.stringContaining(words) });
  });

  test.each([
    ['a word too many', ['please'], 'It takes no please.'],
    ['a status that is none', ['--status', 'closed'], '--status must be acknowledged or resolved.'],
    ['a tool outside its toolsets', ['--tool', 'create_webhook_subscription'], 'npm run agents -- toolsets NAME LIST'],
  ])('with %s asks for nothing and says so', async (_, args, words) => {
    const before = await stage.db.query.approvalRequests.findMany({ columns: { id: true } });
    expect(await npmRun('agent', args)).toMatchObject({ code: 1, complaint: expect.stringContaining(words) });
    expect(await stage.db.query.approvalRequests.findMany({ columns: { id: true } })).toEqual(before);
  });
});
