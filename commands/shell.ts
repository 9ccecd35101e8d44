import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { z } from 'zod';
import type { Context } from '#approvals/context.ts';
import { LIMITS } from '#approvals/limits.ts';
import { createTouchedReader } from '#approvals/touched.ts';
import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import { listPeople } from '#identity/people.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { visible } from '#pagerduty/visible-text.ts';
import { ApprovalError, SettingError } from '#process/errors.ts';
import { silentLog } from '#process/log.ts';
import { command } from '#process/settings/roles.ts';
import { type Environment, readSettings } from '#process/settings/setting.ts';
import { dataFolder, runningEnvironment } from '#run/running.ts';

/** What a command works with: its words, its settings, and where it speaks. */
export interface Shell {
  args: readonly string[];
  env: Environment;
  say(line: string): void;
  complain(line: string): void;
}

/** @returns the exit code. @throws SettingError, ApprovalError for what the operator can mend. */
export type Command = (shell: Shell) => Promise<number>;

/** The usage was asked for. */
class Usage extends Error {}

/** Text from PagerDuty or the database, safe for a terminal. */
export function plain(text: string, maxCharacters = 120): string {
  return visible(text.replaceAll('\n', ' '), { maxCharacters, maxLines: 1 }).text;
}

/** The command line, or the usage as the complaint. @throws SettingError */
export function readCommandLine<Options extends NonNullable<ParseArgsConfig['options']>>(
  { args }: Shell,
  options: Options,
  usage: string,
) {
  if (args.includes('--help')) throw new Usage(usage);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('. ')[0] : 'The arguments cannot be read';
    throw new SettingError(`${why}.\n${usage}`);
  }
}

/** One sentence and exit code 1 for what the operator can mend; anything else is thrown. @returns the exit code. */
export async function runCommand(command: Command, shell: Shell): Promise<number> {
  try {
    return await command(shell);
  } catch (error) {
    if (error instanceof Usage) {
      shell.say(error.message);
      return 0;
    }
    if (!(error instanceof SettingError || error instanceof ApprovalError)) throw error;
    shell.complain(error.message);
    return 1;
  }
}

export type CommandSettings = z.output<typeof command>;

/** Works on the database in `DATABASE_URL`, or on the one of a running `npm start`. */
export async function onDatabase(
  { env }: Shell,
  dataDir: string | undefined,
  work: (ctx: Context, settings: CommandSettings) => Promise<void>,
): Promise<void> {
  const known = await runningEnvironment(env, dataDir);
  if (known.DATABASE_URL === undefined) {
    throw new SettingError(
      `Nothing runs with the folder ${dataFolder(env, dataDir)}: "npm start" must be running, --data names its folder if that is another, or DATABASE_URL its database.`,
    );
  }
  const settings = readSettings(command, known);
  const db = connect(settings.DATABASE_URL, { max: 2 });
  const pagerduty = createReadClient({ baseUrl: settings.pagerdutyUrl, token: settings.readToken ?? '' });
  const ctx: Context = {
    db,
    pagerduty,
    onCall: createOnCallReader(pagerduty),
    touched: createTouchedReader(pagerduty),
    actor: { kind: 'system', part: 'command' },
    now: databaseClock,
    limits: LIMITS,
    secretsKey: null,
    toolsets: null,
    log: silentLog,
  };
  try {
    await work(ctx, settings);
  } finally {
    await db.$client.end();
  }
}

/** The person with that e-mail. @throws SettingError */
export async function personByEmail(ctx: Context, email: string) {
  const person = (await listPeople(ctx)).find((each) => each.email === email.toLowerCase());
  if (!person) {
    throw new SettingError(
      `There is nobody with the e-mail ${plain(email)}; "npm run people -- list" shows who there is.`,
    );
  }
  return person;
}
