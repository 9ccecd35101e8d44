import type { Context } from '#approvals/context.ts';
import { switchOffAgent } from '#approvals/switch-off.ts';
import { chooseToolsets, createAgent, issueCredential, listAgents, revokeCredentials } from '#identity/agents.ts';
import { listPeople } from '#identity/people.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { parseToolsets } from '#pagerduty/toolsets.ts';
import { SettingError } from '#process/errors.ts';
import { type Command, onDatabase, personByEmail, plain, readCommandLine, type Shell } from './shell.ts';

const USAGE = `npm run agents -- create NAME --owner EMAIL [--acts-for EMAIL] [--read-only] [--toolsets LIST]
                  toolsets NAME LIST what it may use: all, default, or names with commas between;
                                     "installed" = whatever COUNTERSIGN_TOOLSETS says
                  credential NAME    a further credential
                  revoke NAME        end all its credentials
                  disable NAME       switch it off for good and withdraw what it asked
                  list
  --data FOLDER   of a running "npm start"; default .countersign`;

const OPTIONS = {
  owner: { type: 'string' },
  'acts-for': { type: 'string' },
  'read-only': { type: 'boolean', default: false },
  toolsets: { type: 'string' },
  data: { type: 'string' },
} as const;

type Flags = ReturnType<typeof readCommandLine<typeof OPTIONS>>['values'];

async function showCredential({ say }: Shell, ctx: Context, name: string): Promise<void> {
  const token = await issueCredential(ctx, name);
  say(`\nIts credential, which is shown only now:\n\n  ${token}\n\nIt goes into the header "Authorization: Bearer …".`);
}

/** Null = as the installation says. */
function readToolsets(text: string): Toolset[] | null {
  if (text === 'installed') return null;
  const parsed = parseToolsets(text);
  if ('problem' in parsed) throw new SettingError(parsed.problem);
  return parsed;
}

async function create(shell: Shell, ctx: Context, name: string, flags: Flags): Promise<void> {
  if (flags.owner === undefined) throw new SettingError(`Say who answers for it: --owner EMAIL.\n${USAGE}`);
  const owner = await personByEmail(ctx, flags.owner);
  const actsFor = flags['acts-for'] === undefined ? null : await personByEmail(ctx, flags['acts-for']);
  const canWrite = !flags['read-only'];
  const toolsets = readToolsets(flags.toolsets ?? 'installed');
  await createAgent(ctx, { name, ownerId: owner.id, actsForId: actsFor?.id ?? null, canWrite, toolsets });
  const never = [...new Set([owner.name, ...(actsFor ? [actsFor.name] : [])])].map((each) => plain(each)).join(' and ');
  shell.say(
    `Made the agent ${name}${canWrite ? '' : ', which may only read'}. ${never} can never approve what it asks.`,
  );
  await showCredential(shell, ctx, name);
}

async function list({ say }: Shell, ctx: Context): Promise<void> {
  const [known, people] = [await listAgents(ctx), await listPeople(ctx)];
  const nameOf = (id: string | null) => plain(people.find((person) => person.id === id)?.name ?? 'nobody');
  if (known.length === 0) say('There is no agent yet.');
  for (const agent of known) {
    const state = agent.disabledAt ? 'switched off' : agent.canWrite ? 'reads and asks' : 'only reads';
    const tools = agent.toolsets === null ? '' : `, toolsets ${agent.toolsets.join(' ')}`;
    const actsFor = agent.actsForId ? `, acts for ${nameOf(agent.actsForId)}` : '';
    say(`${agent.name.padEnd(24)} ${state.padEnd(15)} owner ${nameOf(agent.ownerId)}${actsFor}${tools}`);
  }
}

/** `npm run agents`. */
export const agents: Command = async (shell) => {
  const { say } = shell;
  const { values, positionals } = readCommandLine(shell, OPTIONS, USAGE);
  const [act, name, ...rest] = positionals;
  const [choice, ...more] = rest;
  const wanted = act === 'toolsets' ? choice !== undefined && more.length === 0 : rest.length === 0;
  if (act === undefined || !wanted || (act === 'list') !== (name === undefined)) throw new SettingError(USAGE);
  await onDatabase(shell, values.data, async (ctx) => {
    if (name === undefined) return list(shell, ctx);
    switch (act) {
      case 'create':
        return create(shell, ctx, name, values);
      case 'credential':
        say(`A further credential of ${name}.`);
        return showCredential(shell, ctx, name);
      case 'toolsets':
        await chooseToolsets(ctx, name, readToolsets(choice ?? ''));
        return say(`From now on ${name} uses: ${choice}.`);
      case 'revoke':
        return say(`Ended ${await revokeCredentials(ctx, name)} credentials of ${name}.`);
      case 'disable':
        return say(
          `Switched ${name} off and withdrew ${await switchOffAgent(ctx, name)} requests that were not sent yet.`,
        );
      default:
        throw new SettingError(USAGE);
    }
  });
  return 0;
};
