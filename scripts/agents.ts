import { createAgent, disableAgent, issueCredential, listAgents, revokeCredentials } from '#approvals/agents.ts';
import type { Context } from '#approvals/context.ts';
import { listPeople } from '#approvals/people.ts';
import { SettingError } from '#approvals/settings.ts';
import { onDatabase, personByEmail, plain, readCommandLine, runCommand, say } from './command.ts';

const USAGE = `npm run agents -- create NAME --owner EMAIL [--acts-for EMAIL] [--read-only]
                  credential NAME    a further credential
                  revoke NAME        end all its credentials
                  disable NAME       switch it off for good and withdraw what it asked
                  list
  --data FOLDER   of a running "npm start"; default .countersign`;

const OPTIONS = {
  owner: { type: 'string' },
  'acts-for': { type: 'string' },
  'read-only': { type: 'boolean', default: false },
  data: { type: 'string' },
} as const;

type Flags = ReturnType<typeof readCommandLine<typeof OPTIONS>>['values'];

async function showCredential(ctx: Context, name: string): Promise<void> {
  const token = await issueCredential(ctx, name);
  say(`\nIts credential, which is shown only now:\n\n  ${token}\n\nIt goes into the header "Authorization: Bearer …".`);
}

async function create(ctx: Context, name: string, flags: Flags): Promise<void> {
  if (flags.owner === undefined) throw new SettingError(`Say who answers for it: --owner EMAIL.\n${USAGE}`);
  const owner = await personByEmail(ctx, flags.owner);
  const actsFor = flags['acts-for'] === undefined ? null : await personByEmail(ctx, flags['acts-for']);
  const canWrite = !flags['read-only'];
  await createAgent(ctx, { name, ownerId: owner.id, actsForId: actsFor?.id ?? null, canWrite });
  const never = [...new Set([owner.name, ...(actsFor ? [actsFor.name] : [])])].map((each) => plain(each)).join(' and ');
  say(`Made the agent ${name}${canWrite ? '' : ', which may only read'}. ${never} can never approve what it asks.`);
  await showCredential(ctx, name);
}

async function list(ctx: Context): Promise<void> {
  const [agents, people] = [await listAgents(ctx), await listPeople(ctx)];
  const nameOf = (id: string | null) => plain(people.find((person) => person.id === id)?.name ?? 'nobody');
  if (agents.length === 0) say('There is no agent yet.');
  for (const agent of agents) {
    const state = agent.disabledAt ? 'switched off' : agent.canWrite ? 'reads and asks' : 'only reads';
    const actsFor = agent.actsForId ? `, acts for ${nameOf(agent.actsForId)}` : '';
    say(`${agent.name.padEnd(24)} ${state.padEnd(15)} owner ${nameOf(agent.ownerId)}${actsFor}`);
  }
}

await runCommand(async () => {
  const { values, positionals } = readCommandLine(OPTIONS, USAGE);
  const [act, name, ...rest] = positionals;
  if (act === undefined || rest.length > 0 || (act === 'list') !== (name === undefined)) throw new SettingError(USAGE);
  await onDatabase(values.data, async (ctx) => {
    if (name === undefined) return list(ctx);
    switch (act) {
      case 'create':
        return create(ctx, name, values);
      case 'credential':
        say(`A further credential of ${name}.`);
        return showCredential(ctx, name);
      case 'revoke':
        return say(`Ended ${await revokeCredentials(ctx, name)} credentials of ${name}.`);
      case 'disable':
        return say(
          `Switched ${name} off and withdrew ${await disableAgent(ctx, name)} requests that were not sent yet.`,
        );
      default:
        throw new SettingError(USAGE);
    }
  });
});
