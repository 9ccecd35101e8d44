import type { Context } from '#approvals/context.ts';
import { deactivatePerson, linkPerson, listPeople } from '#identity/people.ts';
import { createSignInLink } from '#identity/sessions.ts';
import { SettingError } from '#process/errors.ts';
import { dataFolder, readRunning } from '#run/running.ts';
import {
  type Command,
  type CommandSettings,
  onDatabase,
  personByEmail,
  plain,
  readCommandLine,
  type Shell,
} from './shell.ts';

const USAGE = `npm run people -- add PAGERDUTY_USER_ID [--fallback]   let somebody in; rights follow their on-call shifts
                  link EMAIL                                print a sign-in link that works once
                  remove EMAIL                              end their sessions and rights
                  list
  --fallback      may also decide when nobody on call can
  --data FOLDER   of a running "npm start"; default .countersign`;

const OPTIONS = { fallback: { type: 'boolean', default: false }, data: { type: 'string' } } as const;

const LINK_SECONDS = 15 * 60;

async function add(
  { say }: Shell,
  ctx: Context,
  settings: CommandSettings,
  { pagerdutyUserId, fallback }: { pagerdutyUserId: string; fallback: boolean },
) {
  if (settings.readToken === null) {
    throw new SettingError('PAGERDUTY_READ_TOKEN is not set. It is what the person is looked up with in PagerDuty.');
  }
  const { id } = await linkPerson(ctx, { pagerdutyUserId, fallback });
  const person = (await listPeople(ctx)).find((each) => each.id === id);
  const group = fallback ? ', also in the fallback group' : '';
  say(`${plain(person?.name ?? id)} <${plain(person?.email ?? '')}> may sign in${group}.`);
}

async function link(
  { say, env }: Shell,
  ctx: Context,
  settings: CommandSettings,
  { email, dataDir }: { email: string; dataDir: string | undefined },
) {
  const person = await personByEmail(ctx, email);
  if (!person.active) throw new SettingError(`${plain(person.name)} was removed; add them again first.`);
  const running = await readRunning(dataFolder(env, dataDir));
  const base = settings.COUNTERSIGN_PUBLIC_URL ?? running?.urls.web ?? 'http://localhost:4600';
  const token = await createSignInLink(ctx, person.id, LINK_SECONDS);
  say(
    `For ${plain(person.name)}; it works once, within ${LINK_SECONDS / 60} minutes:\n\n  ${base}/sign-in?token=${token}\n`,
  );
}

async function list({ say }: Shell, ctx: Context): Promise<void> {
  const everybody = await listPeople(ctx);
  if (everybody.length === 0) say('Nobody may sign in yet.');
  for (const { name, email, pagerdutyUserId, fallback, active } of everybody) {
    const state = active ? (fallback ? 'fallback group' : '') : 'removed';
    say(
      [plain(name).padEnd(24), plain(email).padEnd(36), (pagerdutyUserId ?? '').padEnd(10), state].join(' ').trimEnd(),
    );
  }
}

/** `npm run people`. */
export const people: Command = async (shell) => {
  const { values, positionals } = readCommandLine(shell, OPTIONS, USAGE);
  const [act, who, ...rest] = positionals;
  if (act === undefined || rest.length > 0 || (act === 'list') !== (who === undefined)) throw new SettingError(USAGE);
  await onDatabase(shell, values.data, async (ctx, settings) => {
    if (who === undefined) return list(shell, ctx);
    switch (act) {
      case 'add':
        return add(shell, ctx, settings, { pagerdutyUserId: who, fallback: values.fallback });
      case 'link':
        return link(shell, ctx, settings, { email: who, dataDir: values.data });
      case 'remove':
        await deactivatePerson(ctx, who);
        return shell.say(`${plain(who)} can no longer sign in or decide.`);
      default:
        throw new SettingError(USAGE);
    }
  });
  return 0;
};
