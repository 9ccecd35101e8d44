import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import pg from 'pg';
import type { Fault } from '#pagerduty/fake/server/faults.ts';
import { type Stack, startStack } from '../run/stack.ts';

export { expect } from '@playwright/test';

export const incidents = {
  checkout: 'Q1CHECKOUT5XX1',
  payments: 'Q2PAYMENTHOOK1',
};

type Somebody = keyof NonNullable<Stack['signInLinks']>;

/** What a tool answered, as far as these tests look. */
export interface Told {
  isError?: boolean;
  structuredContent: {
    status: string;
    request_id: string;
    executed: boolean | null;
    explanation?: string;
    human_note?: string;
  };
  content: { type: string; text: string }[];
}

/** A real MCP client with the demo agent's credential. */
export async function connectAgent(stack: Stack, url = stack.urls.mcp): Promise<Client> {
  const token = (await readFile(stack.agentTokenFile ?? '', 'utf8')).trim();
  const client = new Client({ name: 'e2e', version: '1' });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

/** What the tests do in the playable PagerDuty, as its page does. */
export class PagerDuty {
  readonly #url: string;
  constructor(url: string) {
    this.#url = url;
  }

  async #play(path: string, method: string, body?: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${this.#url}/_play/${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(reply.ok, `${method} /_play/${path}: ${reply.status}`).toBe(true);
    return await reply.json().catch(() => null);
  }

  reset = () => this.#play('reset', 'POST');
  fault = (fault: Fault) => this.#play('faults', 'POST', fault);
  /** Somebody changes an incident on PagerDuty's own website. */
  human = (incident: string, status: string) =>
    this.#play('human', 'POST', {
      as: 'aisha.rahmani@northwind.example',
      method: 'PUT',
      path: `/incidents/${incident}`,
      body: { incident: { type: 'incident_reference', status } },
    });

  async applied(): Promise<number> {
    return ((await this.#play('ledger', 'GET')) as { count: number }).count;
  }

  async statusOf(incident: string): Promise<string> {
    const headers = { authorization: 'Token token=r-northwind-readonly' };
    const reply = await fetch(`${this.#url}/incidents/${incident}`, { headers });
    return ((await reply.json()) as { incident: { status: string } }).incident.status;
  }
}

interface Shared {
  stack: Stack;
  /** Cookies of everybody who signed in so far; links work once. */
  signedIn: Map<Somebody, Awaited<ReturnType<BrowserContext['storageState']>>>;
}

interface Fixtures {
  agent: {
    /** Asks to resolve an incident and comes back with the handle. */
    ask(incident: string, reason?: string): Promise<Told>;
    call(name: string, args: Record<string, unknown>): Promise<Told>;
    /** Waits until the request is no longer open. */
    outcome(requestId: string): Promise<Told>;
  };
  pagerduty: PagerDuty;
  sql: (text: string, values?: unknown[]) => Promise<unknown[]>;
  /** A signed-in browser page of somebody. Fails the test on any violation of the content policy. */
  as: (name: Somebody, options?: Parameters<import('@playwright/test').Browser['newContext']>[0]) => Promise<Page>;
}

export const test = base.extend<Fixtures, Shared>({
  stack: [
    async ({}, use) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'countersign-e2e-'));
      const stack = await startStack({ port: Number(process.env.E2E_PORT ?? 4710), dataDir });
      await use(stack);
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  signedIn: [async ({}, use) => use(new Map()), { scope: 'worker' }],

  agent: async ({ stack }, use) => {
    const client = await connectAgent(stack);
    const call = async (name: string, args: Record<string, unknown>) =>
      (await client.callTool({ name, arguments: args })) as unknown as Told;
    await use({
      call,
      ask: (incident, reason) =>
        call('manage_incidents', {
          manage_request: { incident_ids: [incident], status: 'resolved' },
          ...(reason ? { reason } : {}),
        }),
      async outcome(requestId) {
        for (;;) {
          const told = await call('wait_for_approval', { request_id: requestId, timeout_seconds: 20 });
          if (!['pending', 'approved', 'executing'].includes(told.structuredContent.status)) return told;
        }
      },
    });
    await client.close();
  },

  pagerduty: async ({ stack }, use) => {
    const pagerduty = new PagerDuty(stack.urls.pagerduty ?? '');
    await pagerduty.reset();
    await use(pagerduty);
  },

  sql: async ({ stack }, use) => {
    const client = new pg.Client({ connectionString: stack.urls.database });
    // A test may kill the server under this connection.
    client.on('error', () => undefined);
    await client.connect();
    await use(async (text, values) => (await client.query(text, values)).rows);
    await client.end().catch(() => undefined);
  },

  as: async ({ browser, stack, signedIn }, use) => {
    const opened: [Somebody, BrowserContext][] = [];
    const broken: string[] = [];
    await use(async (name, options = {}) => {
      const storageState = signedIn.get(name);
      const context = await browser.newContext({
        baseURL: stack.urls.web,
        ...options,
        ...(storageState ? { storageState } : {}),
      });
      opened.push([name, context]);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (/Content Security Policy|Content-Security-Policy/.test(message.text())) broken.push(message.text());
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(stack.urls.web) && !request.url().startsWith('data:')) broken.push(request.url());
      });
      if (!storageState) {
        await page.goto(stack.signInLinks?.[name] ?? '');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await expect(page.getByRole('heading', { name: 'Queue' })).toBeVisible();
        signedIn.set(name, await context.storageState());
      }
      return page;
    });
    for (const [name, context] of opened) {
      // Becoming somebody else and coming back is a session of its own, which ends the one before.
      signedIn.set(name, await context.storageState());
      await context.close();
    }
    expect(broken, 'the content policy held and nothing left for elsewhere').toEqual([]);
  },
});

/** Two links from Slack for Priya: one to decide on that request, one to link her account. Only their hashes are kept. */
export async function slackLinks(sql: Fixtures['sql'], requestId: string) {
  const token = (prefix: string) => `${prefix}_${randomBytes(26).toString('hex')}`;
  const [stepUp, link] = [token('csh'), token('csk')];
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const soon = "now() + interval '5 minutes'";
  await sql(
    `insert into handovers (token_hash, request_id, person_id, digest, expires_at)
      select $1, r.id, p.id, r.digest, ${soon} from approval_requests r, people p where r.id = $2 and p.name = 'Priya Raman'`,
    [hash(stepUp), requestId],
  );
  await sql(
    `insert into slack_links (token_hash, team_id, user_id, user_name, expires_at) values ($1, 'T0NORTHWIND', 'U0UNKNOWN', 'Uma Unknown', ${soon})`,
    [hash(link)],
  );
  return { stepUp: `/step-up/${stepUp}`, link: `/link/slack/${link}` };
}

/** Presses Approve, and once more where the risk asks for it. */
export async function approve(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  const again = page.getByRole('button', { name: 'Yes, approve' });
  await again.click();
}

/** The line that says what the request is now. */
export const outcomeOf = (page: Page) => page.locator('#outcome');
