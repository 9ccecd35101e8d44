import { z } from 'zod';
import { scopesNeeded } from '#pagerduty/scopes.ts';
import { oauthTokens, type Token } from '#pagerduty/token.ts';
import { parseToolsets } from '#pagerduty/toolsets.ts';
import { credentialsUrl, refuseMissing } from './setting.ts';

export const PAGERDUTY = 'https://api.pagerduty.com';

type Side = 'READ' | 'WRITE';

type Names = Partial<Record<`PAGERDUTY_${Side}_${'TOKEN' | 'CLIENT_ID'}`, string>>;

/** The setting that names a PagerDuty credential, and its value: a key, or else an OAuth client. Null = neither is set. */
export function credentialIn(env: Names, side: Side): { name: string; value: string } | null {
  for (const name of [`PAGERDUTY_${side}_TOKEN`, `PAGERDUTY_${side}_CLIENT_ID`] as const) {
    const value = env[name];
    if (value) return { name, value };
  }
  return null;
}

/** Null = all are allowed. */
const COUNTERSIGN_TOOLSETS = z
  .string()
  .transform((text, ctx) => {
    const parsed = parseToolsets(text);
    if (!('problem' in parsed)) return parsed;
    ctx.addIssue({ code: 'custom', message: `must name toolsets. ${parsed.problem}` });
    return z.NEVER;
  })
  .nullable()
  .default(null);

const text = z.string().optional();

/** What either credential needs besides itself. */
const account = {
  COUNTERSIGN_TOOLSETS,
  PAGERDUTY_ACCOUNT: text,
  PAGERDUTY_OAUTH_URL: credentialsUrl('https://identity.pagerduty.com/oauth/token'),
};
const reader = { PAGERDUTY_READ_TOKEN: text, PAGERDUTY_READ_CLIENT_ID: text, PAGERDUTY_READ_CLIENT_SECRET: text };
const writer = { PAGERDUTY_WRITE_TOKEN: text, PAGERDUTY_WRITE_CLIENT_ID: text, PAGERDUTY_WRITE_CLIENT_SECRET: text };

type Given = Partial<Record<keyof typeof reader | keyof typeof writer | 'PAGERDUTY_ACCOUNT', string>> &
  Record<'PAGERDUTY_OAUTH_URL', string>;

/** A key as it is, or the OAuth client that gets tokens with just these scopes; null when neither is set. */
function tokenOf(all: Given, side: Side, scopes: readonly string[], ctx: z.RefinementCtx): Token | null {
  const key = `PAGERDUTY_${side}_TOKEN` as const;
  const [id, secret] = [`PAGERDUTY_${side}_CLIENT_ID`, `PAGERDUTY_${side}_CLIENT_SECRET`] as const;
  const need = (name: keyof Given, is: string) => all[name] ?? refuseMissing(ctx, name, is);
  const clientId = all[id];
  if (clientId === undefined) return all[key] ?? null;
  if (all[key] !== undefined) ctx.addIssue(`${key} and ${id} are both set: set one of them.`);
  return oauthTokens({
    clientId,
    clientSecret: need(secret, 'the secret of that OAuth client'),
    account: need('PAGERDUTY_ACCOUNT', 'service region and subdomain of the account, e.g. us.acme'),
    scopes,
    tokenUrl: all.PAGERDUTY_OAUTH_URL,
  });
}

/** PagerDuty with the credential that reads it, if there is one. */
export const mayReadPagerDuty = z
  .object({ ...account, ...reader, PAGERDUTY_API_URL: credentialsUrl(PAGERDUTY) })
  .transform((all, ctx) => ({
    pagerdutyUrl: all.PAGERDUTY_API_URL,
    toolsets: all.COUNTERSIGN_TOOLSETS,
    readToken: tokenOf(all, 'READ', scopesNeeded(all.COUNTERSIGN_TOOLSETS).read, ctx),
  }));

/** The credential that writes, if there is one; never the same that reads. */
export const mayWritePagerDuty = z.object({ ...account, ...reader, ...writer }).transform((all, ctx) => {
  const [read, write] = [credentialIn(all, 'READ'), credentialIn(all, 'WRITE')];
  if (read !== null && read.value === write?.value) {
    ctx.addIssue(`${read.name} and ${write.name} are the same: the first must not be able to write.`);
  }
  return { writeToken: tokenOf(all, 'WRITE', scopesNeeded(all.COUNTERSIGN_TOOLSETS).write, ctx) };
});

/** What every role needs that reads PagerDuty. */
export const readsPagerDuty = mayReadPagerDuty.transform(({ readToken, ...others }, ctx) => {
  if (readToken !== null) return { ...others, readToken };
  return refuseMissing(ctx, 'PAGERDUTY_READ_TOKEN', 'a read-only PagerDuty API key');
});

/** What the worker needs, and no other role may have. */
export const writesPagerDuty = mayWritePagerDuty.transform(({ writeToken }, ctx) => {
  if (writeToken !== null) return { writeToken };
  return refuseMissing(ctx, 'PAGERDUTY_WRITE_TOKEN', 'the PagerDuty API key that may write; only the worker gets it');
});
