import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { SettingError } from '#process/errors.ts';
import { demoAgent } from '#process/settings/roles.ts';
import { readSettings } from '#process/settings/setting.ts';
import { dataFolder, readRunning } from '#run/running.ts';
import { type Command, plain, readCommandLine, type Shell } from './shell.ts';

// The demo agent: what any agent's author would write, on the client that most installed agents are built on.
const USAGE = `npm run agent -- [--incident ID_OR_NUMBER] [--status acknowledged|resolved] [--note TEXT] [--tool NAME] [--reason TEXT] [--timeout S]
  Without --incident it takes an open incident that is not a P1 and asks to resolve it.
  With --note it asks to add that note instead.
  With --tool it asks for that tool's example in docs/tools, e.g. create_incident, which can be undone.
  --timeout S     seconds to wait for a human; default 900
  --data FOLDER   of a running "npm start"; default .countersign
It ends with 0 if the write was done, 2 if it was not or nobody knows, 3 if nobody decided in time, 1 if it could not ask.`;

const OPTIONS = {
  incident: { type: 'string' },
  status: { type: 'string', default: 'resolved' },
  note: { type: 'string' },
  tool: { type: 'string' },
  reason: { type: 'string' },
  timeout: { type: 'string', default: '900' },
  data: { type: 'string' },
} as const;

type Flags = ReturnType<typeof readCommandLine<typeof OPTIONS>>['values'];

const named = z.object({ name: z.string().nullish() }).nullish();
const incidents = z.object({
  incidents: z.array(
    z.object({
      id: z.string(),
      number: z.number().nullable(),
      title: z.string().nullable(),
      status: z.string(),
      service: named,
      priority: named,
    }),
  ),
});
type Incident = z.infer<typeof incidents>['incidents'][number];

const envelope = z.object({
  status: z.string(),
  request_id: z.string().nullable(),
  executed: z.boolean().nullable(),
  title: z.string().nullable(),
  explanation: z.string(),
  review_url: z.string().optional(),
  human_note: z.string().optional(),
});
type Envelope = z.infer<typeof envelope>;

const OPEN = ['pending', 'approved', 'executing'];

async function connect({ env }: Shell, named: string | undefined): Promise<Client> {
  const settings = readSettings(demoAgent, env);
  const dataDir = dataFolder(env, named);
  const file = join(dataDir, 'demo-agent.token');
  const token = settings.COUNTERSIGN_TOKEN ?? (await readFile(file, 'utf8').catch(() => '')).trim();
  if (token === '') {
    throw new SettingError(`There is no credential: start "npm start" first, or set COUNTERSIGN_TOKEN. (${file})`);
  }
  const running = await readRunning(dataDir);
  const url = settings.COUNTERSIGN_MCP_URL ?? running?.urls.mcp ?? 'http://127.0.0.1:4601/mcp';
  const client = new Client({ name: 'demo-agent', version: '1.0.0' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  } catch (error) {
    if (error instanceof StreamableHTTPError && error.code === 401) {
      throw new SettingError('The credential is not accepted: it is wrong or revoked, or the agent is switched off.');
    }
    const why = error instanceof Error ? plain(error.message) : 'it did not answer';
    throw new SettingError(
      `Countersign cannot be reached at ${url} (${why}). Is "npm start" running? COUNTERSIGN_MCP_URL names another address.`,
    );
  }
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<unknown> {
  const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 60_000 });
  return result.structuredContent;
}

async function pick({ say }: Shell, client: Client, wanted: string | undefined): Promise<Incident> {
  const answer = await call(client, 'list_incidents', { statuses: ['triggered', 'acknowledged'] });
  const { incidents: open } = incidents.parse(answer);
  say('Open incidents:');
  for (const { id, number, title, status, service } of open) {
    say(`  #${number} ${plain(title ?? '')} (${plain(service?.name ?? '?')}, ${status}, ${id})`);
  }
  const named = open.find(({ id, number }) => id === wanted || String(number) === wanted?.replace(/^#/, ''));
  // To resolve a P1 takes two people; the first try of a newcomer should need one, and one who is easily found.
  const easy = open.find(({ status, priority }) => status === 'triggered' && priority?.name !== 'P1');
  const found = wanted === undefined ? (easy ?? open[0]) : named;
  if (found) return found;
  throw new SettingError(
    wanted === undefined
      ? 'No incident is open. Press "Start over" on the page of the playable PagerDuty, and try again.'
      : `No open incident has the id or number ${plain(wanted)}.`,
  );
}

/** The example of a write tool, as its page shows it. @throws SettingError */
function exampleOf(name: string): Record<string, unknown> {
  const tool = findWriteTool(name);
  if (tool !== undefined) return tool.example;
  throw new SettingError(`There is no write tool called ${plain(name)}; docs/tools/README.md lists them.`);
}

function ask(client: Client, { id }: Incident, { note, status, reason }: Flags): Promise<unknown> {
  const why = reason ?? (note === undefined ? 'The error rate has been back to normal for ten minutes.' : undefined);
  if (note !== undefined) return call(client, 'add_note_to_incident', { incident_id: id, note, reason: why });
  return call(client, 'manage_incidents', { manage_request: { incident_ids: [id], status }, reason: why });
}

async function waitForHuman({ say }: Shell, client: Client, first: Envelope, timeoutS: number): Promise<Envelope> {
  const endsAt = performance.now() + timeoutS * 1000;
  let known = first;
  if (OPEN.includes(known.status)) say(`Waiting for a human: ${known.review_url ?? known.request_id}`);
  while (OPEN.includes(known.status) && performance.now() < endsAt) {
    const left = Math.ceil((endsAt - performance.now()) / 1000);
    const args = { request_id: known.request_id, timeout_seconds: Math.min(25, Math.max(1, left)) };
    known = await call(client, 'wait_for_approval', args).then(envelope.parse, async () => {
      // The connection broke: what was held stays held, so asking again is safe.
      await pause(1000);
      return known;
    });
  }
  return known;
}

function report({ say }: Shell, { status, executed, title, explanation, human_note }: Envelope): number {
  const what = plain(title ?? 'the ask');
  if (OPEN.includes(status)) say(`Nobody decided in time, so it has not been done: ${what}. The request stays open.`);
  else if (executed === true) say(`Done: ${what}. ${plain(explanation, 600)}`);
  else if (executed === false) say(`Not done (${status}): ${what}. ${plain(explanation, 600)}`);
  else say(`Nobody knows whether it was done: ${what}. ${plain(explanation, 600)} I will not try again.`);
  if (human_note !== undefined) say(`The human wrote: "${plain(human_note, 300)}"`);
  if (OPEN.includes(status)) return 3;
  return executed === true ? 0 : 2;
}

async function begin(shell: Shell, client: Client, values: Flags): Promise<unknown> {
  const { say } = shell;
  if (values.tool !== undefined) {
    const example = exampleOf(values.tool);
    say(`Asking for ${values.tool} with ${JSON.stringify(example)}`);
    return call(client, values.tool, { ...example, reason: values.reason ?? 'As agreed with the team.' });
  }
  const incident = await pick(shell, client, values.incident);
  const what = values.note === undefined ? `set it to ${values.status}` : 'add a note to it';
  say(`\nAsking to ${what}: #${incident.number} ${plain(incident.title ?? '')}`);
  return ask(client, incident, values);
}

/** `npm run agent`. */
export const agent: Command = async (shell) => {
  const { values, positionals } = readCommandLine(shell, OPTIONS, USAGE);
  if (positionals.length > 0) throw new SettingError(`It takes no ${plain(positionals.join(' '))}.\n${USAGE}`);
  if (!['acknowledged', 'resolved'].includes(values.status)) {
    throw new SettingError(`--status must be acknowledged or resolved.\n${USAGE}`);
  }
  const timeoutS = Number(values.timeout);
  if (!(timeoutS > 0)) throw new SettingError(`--timeout must be a number of seconds.\n${USAGE}`);
  const client = await connect(shell, values.data);
  try {
    return report(
      shell,
      await waitForHuman(shell, client, envelope.parse(await begin(shell, client, values)), timeoutS),
    );
  } catch (error) {
    // A tool outside its toolsets is none for an agent; an operator is told what to do.
    if (!(error instanceof McpError) || values.tool === undefined) throw error;
    throw new SettingError(
      `${plain(error.message, 300)}\n"npm run agents -- toolsets NAME LIST" chooses what an agent may use.`,
    );
  } finally {
    await client.close();
  }
};
