import { createSecretKey } from 'node:crypto';
import { z } from 'zod';
import { SettingError } from '../errors.ts';
import { LEVELS } from '../log.ts';
import { mayReadPagerDuty, readsPagerDuty, writesPagerDuty } from './pagerduty.ts';
import {
  type Environment,
  given,
  isLoopback,
  look,
  oneOf,
  port,
  postgres,
  readSettings,
  required,
  settingsIn,
  url,
} from './setting.ts';
import { slackApp } from './slack.ts';

// Every setting stands once, with the sentence that refuses it. A role sees those that its schema reads and no other:
// the supervisor picks them by name, and README's table is held against them.

const KEY_IN_BASE64 = '32 bytes in base64, as "openssl rand -base64 32" prints them';

const DATABASE_URL = postgres('the PostgreSQL that holds the requests, e.g. postgres://user:pass@host/db');
const LOG_LEVEL = oneOf(...LEVELS).default('info');
const publicUrl = url('http://localhost:4600');
const COUNTERSIGN_PUBLIC_URL = publicUrl.default('http://localhost:4600');
const COUNTERSIGN_MCP_URL = url('http://localhost:4601/mcp');
const COUNTERSIGN_MCP_HOSTS = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .transform((names) => names.filter((name) => name !== ''))
  .default([]);
const COUNTERSIGN_HOST = z.string().default('127.0.0.1');
const COUNTERSIGN_PORT = port(65_531).default(4600);
const COUNTERSIGN_DATA = z.string().default('.countersign');
/** People may become each other; only these very words allow it. */
const COUNTERSIGN_PLAY = z
  .string()
  .transform((text) => text === '1')
  .default(false);
/** Encrypts what only humans may see; the same in every worker and web process. */
const COUNTERSIGN_SECRETS_KEY = required(`what encrypts signing secrets and the like: ${KEY_IN_BASE64}`).transform(
  (text, ctx) => {
    const bytes = Buffer.from(text, 'base64');
    // Buffer skips what is not base64: a key that was cut or mistyped must not become another key.
    if (bytes.length === 32 && bytes.toString('base64') === text) return createSecretKey(bytes);
    ctx.addIssue(`must be ${KEY_IN_BASE64}.`);
    return z.NEVER;
  },
);

/** Pages and decisions. */
const web = z
  .object({ DATABASE_URL, COUNTERSIGN_SECRETS_KEY, COUNTERSIGN_PUBLIC_URL, COUNTERSIGN_PLAY, LOG_LEVEL })
  .and(readsPagerDuty)
  .transform(({ pagerdutyUrl, readToken, toolsets, ...own }, ctx) => {
    const play = own.COUNTERSIGN_PLAY;
    if (play && !isLoopback(pagerdutyUrl)) {
      ctx.addIssue(
        'COUNTERSIGN_PLAY lets anybody become anybody: it works only with a PAGERDUTY_API_URL on this machine.',
      );
    }
    return {
      databaseUrl: own.DATABASE_URL,
      pagerdutyUrl,
      readToken,
      toolsets,
      secretsKey: own.COUNTERSIGN_SECRETS_KEY,
      /** Where browsers find the dashboard: scheme, host and port. */
      publicOrigin: new URL(own.COUNTERSIGN_PUBLIC_URL).origin,
      play,
    };
  });

/** Where a role listens that is no part of Next. */
const listens = { COUNTERSIGN_PUBLIC_URL, COUNTERSIGN_HOST };

/** The door for agents. */
const mcp = z
  .object({
    DATABASE_URL,
    ...listens,
    PORT: port().default(4601),
    COUNTERSIGN_MCP_URL: COUNTERSIGN_MCP_URL.optional(),
    COUNTERSIGN_MCP_HOSTS,
    LOG_LEVEL,
  })
  .and(readsPagerDuty)
  .transform(({ pagerdutyUrl, readToken, toolsets, ...own }) => {
    const mcpUrl = own.COUNTERSIGN_MCP_URL ?? `http://localhost:${own.PORT}/mcp`;
    const addresses = [own.COUNTERSIGN_PUBLIC_URL, mcpUrl].map((address) => new URL(address).hostname);
    return {
      databaseUrl: own.DATABASE_URL,
      pagerdutyUrl,
      readToken,
      toolsets,
      publicUrl: own.COUNTERSIGN_PUBLIC_URL,
      host: own.COUNTERSIGN_HOST,
      port: own.PORT,
      /** The host names under which agents may reach it. */
      hosts: [...addresses, ...own.COUNTERSIGN_MCP_HOSTS],
    };
  });

/** Messages out, clicks in. Nothing of PagerDuty is among it. */
const slack = z
  .object({ DATABASE_URL, ...listens, PORT: port().default(4602), LOG_LEVEL })
  .and(slackApp)
  .transform(({ botToken, channel, apiUrl, inbound, ...own }) => ({
    databaseUrl: own.DATABASE_URL,
    publicUrl: own.COUNTERSIGN_PUBLIC_URL,
    host: own.COUNTERSIGN_HOST,
    port: own.PORT,
    botToken,
    /** Id of the channel the messages go to. */
    channel,
    apiUrl,
    inbound,
  }));

/** The sender, the clock and the settler. */
const worker = z
  .object({ DATABASE_URL, COUNTERSIGN_SECRETS_KEY, LOG_LEVEL })
  .and(writesPagerDuty)
  .and(readsPagerDuty)
  .transform(({ pagerdutyUrl, readToken, writeToken, toolsets, ...own }) => ({
    databaseUrl: own.DATABASE_URL,
    pagerdutyUrl,
    readToken,
    writeToken,
    toolsets,
    secretsKey: own.COUNTERSIGN_SECRETS_KEY,
  }));

/** What the process of each role knows. */
export interface RoleSettings {
  web: z.output<typeof web>;
  mcp: z.output<typeof mcp>;
  slack: z.output<typeof slack>;
  worker: z.output<typeof worker>;
}
export type RoleName = keyof RoleSettings;

const SCHEMAS: { [Name in RoleName]: z.ZodType<RoleSettings[Name]> } = { web, mcp, slack, worker };

/** The settings a role may see. */
export const settingsOf = (role: RoleName): string[] => settingsIn(SCHEMAS[role]);

/** What must not even be within reach of a role that has no use for it. */
const GUARDED = ['PAGERDUTY_WRITE_TOKEN', 'PAGERDUTY_WRITE_CLIENT_SECRET', 'COUNTERSIGN_SECRETS_KEY'];

/** What a role is told, read in its own process. @throws SettingError; also when it is told what it must not know. */
export function roleSettings<Name extends RoleName>(role: Name, env: Environment): RoleSettings[Name] {
  const seen = settingsOf(role);
  const foreign = GUARDED.find((name) => name in given(env) && !seen.includes(name));
  if (foreign !== undefined) {
    const rightful = Object.entries(SCHEMAS).filter(([, schema]) => settingsIn(schema).includes(foreign));
    const names = rightful.map(([name]) => name).join(' and ');
    throw new SettingError(`The ${role} role must not be given ${foreign}. It is for ${names} alone.`);
  }
  return readSettings(SCHEMAS[role], env);
}

/** What would keep a role from starting that is told no more than its own of these: a sentence each. */
export function problemsOf(role: RoleName, env: Environment): string[] {
  const read = look<unknown>(SCHEMAS[role], env);
  return 'problems' in read ? read.problems : [];
}

/** What `npm start` is told itself, besides what it hands on. */
export const supervisor = z.object({
  COUNTERSIGN_PORT,
  COUNTERSIGN_HOST,
  COUNTERSIGN_DATA,
  COUNTERSIGN_PUBLIC_URL: publicUrl.optional(),
  COUNTERSIGN_MCP_URL: COUNTERSIGN_MCP_URL.optional(),
});

/** What a command works with that an operator types. */
export const command = z
  .object({
    DATABASE_URL: postgres('the PostgreSQL of Countersign'),
    COUNTERSIGN_PUBLIC_URL: publicUrl.optional(),
  })
  .and(mayReadPagerDuty);

/** What the demo agent is told: its credential, and where Countersign is. */
export const demoAgent = z.object({
  COUNTERSIGN_TOKEN: z.string().optional(),
  COUNTERSIGN_MCP_URL: COUNTERSIGN_MCP_URL.optional(),
});
