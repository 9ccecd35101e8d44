import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import { later, type Store } from '#db/clock.ts';
import { newSecret, sha256 } from '#db/ids.ts';
import { people, slackIdentities, slackLinks } from '#db/schema.ts';
import { repeatDeliveries } from '#outbox/deliveries.ts';
import { toTarget } from '#outbox/place.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Log } from '#process/log.ts';
import { type Actor, requirePerson } from './actor.ts';

// Which Slack user is which person. Only that person, signed in, can say so; an e-mail never does.

/** Seconds: how long a link to one's Slack user may be used, and how long a linked one is believed. */
interface Within {
  limits: { slackLinkSeconds: number; slackRecheckSeconds: number; slackTrustSeconds: number };
}

interface Acting extends Store {
  actor: Actor;
}

interface Logging extends Store {
  log: Log;
}

/** A Slack user by the ids that never change. */
export interface SlackUser {
  teamId: string;
  userId: string;
}

/** Shows a Slack user on their Home tab at once what has changed about them. */
const showAtHome = (ctx: Store, userId: string) =>
  repeatDeliveries(ctx, 'slack', toTarget({ kind: 'home', userId }), 0);

const isUser = ({ teamId, userId }: SlackUser) =>
  and(eq(slackIdentities.teamId, teamId), eq(slackIdentities.userId, userId));

/**
 * Begins to link a Slack user, who must have been looked up in Slack just now.
 * @returns the token for `/link/slack/…`; it is stored as its hash.
 */
export async function startSlackLink(
  ctx: Store & Within,
  user: SlackUser & { enterpriseId: string | null; userName: string; email: string | null },
): Promise<string> {
  const token = newSecret('csk');
  const expiresAt = later(ctx.now, ctx.limits.slackLinkSeconds);
  await ctx.db.insert(slackLinks).values({ tokenHash: sha256(token), ...user, expiresAt });
  return token;
}

export interface SlackLinkPreview {
  userName: string;
  email: string | null;
  userId: string;
  /** Only a hint for whoever reads the page; without it they must say that they are sure. */
  sameEmail: boolean;
  /** The Slack user that would no longer be theirs; null = none. */
  replaces: string | null;
  /** Why it cannot be confirmed; null = it can. */
  obstacle: string | null;
}

const usable = (ctx: Store, token: string) =>
  and(eq(slackLinks.tokenHash, sha256(token)), isNull(slackLinks.usedAt), sql`${slackLinks.expiresAt} > ${ctx.now()}`);

const sameEmail = (shown: string | null, own: string) => shown !== null && shown.toLowerCase() === own.toLowerCase();

/** The Slack user that a person has in a workspace. */
const isOwn = (teamId: string, personId: string) =>
  and(eq(slackIdentities.teamId, teamId), eq(slackIdentities.personId, personId));

/** What a link would join, without using it up. Null = used, too old, unknown. */
export async function previewSlackLink(ctx: Acting, token: string): Promise<SlackLinkPreview | null> {
  const { personId } = requirePerson(ctx.actor);
  const link = await ctx.db.query.slackLinks.findFirst({ where: usable(ctx, token) });
  if (!link) return null;
  const [person, taken, own] = await Promise.all([
    ctx.db.query.people.findFirst({ where: eq(people.id, personId) }),
    ctx.db.query.slackIdentities.findFirst({ where: isUser(link) }),
    ctx.db.query.slackIdentities.findFirst({ where: isOwn(link.teamId, personId) }),
  ]);
  const { userName, email, userId } = link;
  const foreign = taken !== undefined && taken.personId !== personId;
  const obstacle = foreign
    ? 'This Slack user is linked to somebody else. Use /countersign unlink in Slack first.'
    : null;
  return {
    userName,
    email,
    userId,
    sameEmail: person !== undefined && sameEmail(email, person.email),
    replaces: own === undefined || own.userId === userId ? null : own.userId,
    obstacle,
  };
}

/** Tells the log of links that ended, and shows it at once where those Slack users look. */
async function tellEnded(ctx: Logging, personId: string, users: string[], because: string) {
  for (const userId of users) {
    ctx.log.info(`a Slack user was unlinked: ${because}`, { person: personId, user: userId });
    await showAtHome(ctx, userId);
  }
}

/**
 * Links the signed-in person to the Slack user of a link, in the place of an earlier Slack user of theirs.
 * @param sure that it is theirs although Slack shows another e-mail or none. Somebody may have sent them the link to
 *   decide in their name.
 * @returns with the Slack user that was replaced; null = none.
 * @throws ApprovalError `forbidden` (used, too old, unknown; or whoever confirms is switched off), `precondition_failed`
 *   (the e-mails differ and they are not sure), `conflict` (the Slack user is somebody else's). The link is then unused.
 */
export async function confirmSlackLink(
  ctx: Acting & Logging,
  token: string,
  sure = false,
): Promise<SlackUser & { replaced: string | null }> {
  const { personId } = requirePerson(ctx.actor);
  const linked = await ctx.db.transaction(async (tx) => {
    const [link] = await tx.update(slackLinks).set({ usedAt: ctx.now() }).where(usable(ctx, token)).returning();
    const person = await tx.query.people.findFirst({ where: and(eq(people.id, personId), people.active) });
    if (!link || !person) {
      throw new ApprovalError('forbidden', 'This link was used already or is too old. Type /countersign link again.');
    }
    const { teamId, userId, enterpriseId } = link;
    if (!sure && !sameEmail(link.email, person.email)) {
      const sentence = 'The e-mails differ. Confirm that this Slack account is really yours.';
      throw new ApprovalError('precondition_failed', sentence);
    }
    const [earlier] = await tx.delete(slackIdentities).where(isOwn(teamId, personId)).returning();
    const [made] = await tx
      .insert(slackIdentities)
      .values({ teamId, userId, enterpriseId, personId, linkedAt: ctx.now(), checkedAt: ctx.now() })
      .onConflictDoNothing()
      .returning();
    if (!made) throw new ApprovalError('conflict', 'This Slack user is linked to somebody else.');
    const replaced = earlier === undefined || earlier.userId === userId ? null : earlier.userId;
    return { teamId, userId, replaced };
  });
  await showAtHome(ctx, linked.userId);
  ctx.log.info('a Slack user was linked', { person: personId, user: linked.userId });
  if (linked.replaced !== null) await tellEnded(ctx, personId, [linked.replaced], 'replaced by another');
  return linked;
}

/** Ends a link at once. Ending one that is not there is fine. @returns whether there was one. */
export async function unlinkSlack(ctx: Logging, user: SlackUser, because: string): Promise<boolean> {
  const ended = await ctx.db.delete(slackIdentities).where(isUser(user)).returning();
  for (const { personId } of ended) {
    await tellEnded(ctx, personId, [user.userId], because);
  }
  return ended.length > 0;
}

/** The Slack users of the signed-in person, those too of whom Slack has not said lately that they are still members. */
export async function linkedSlack(
  ctx: Pick<Acting, 'db' | 'actor'>,
): Promise<{ teamId: string; userId: string; linkedAt: Date }[]> {
  const { personId } = requirePerson(ctx.actor);
  return ctx.db.query.slackIdentities.findMany({
    columns: { teamId: true, userId: true, linkedAt: true },
    where: eq(slackIdentities.personId, personId),
    orderBy: asc(slackIdentities.linkedAt),
  });
}

/** Ends every link of the signed-in person at once, also one that somebody tricked them into. None is fine. */
export async function unlinkOwnSlack(ctx: Acting & Logging): Promise<void> {
  const { personId } = requirePerson(ctx.actor);
  const ended = await ctx.db.delete(slackIdentities).where(eq(slackIdentities.personId, personId)).returning();
  const users = ended.map(({ userId }) => userId);
  await tellEnded(ctx, personId, users, 'by themselves, on the web');
}

/**
 * The person behind a Slack user; null for everybody who is not linked, switched off, or of whom Slack has not said for
 * too long that they are still a member.
 */
export async function personOfSlack(
  ctx: Store & Within,
  user: SlackUser,
): Promise<{ id: string; name: string } | null> {
  const trusted = sql`${slackIdentities.checkedAt} > ${later(ctx.now, -ctx.limits.slackTrustSeconds)}`;
  const [found] = await ctx.db
    .select({ id: people.id, name: people.name })
    .from(slackIdentities)
    .innerJoin(people, eq(people.id, slackIdentities.personId))
    .where(and(isUser(user), people.active, trusted));
  return found ?? null;
}

/** The linked user that was longest not looked at, if that was too long ago. */
export async function slackUserToRecheck(ctx: Store & Within): Promise<SlackUser | null> {
  const due = sql`${slackIdentities.checkedAt} <= ${later(ctx.now, -ctx.limits.slackRecheckSeconds)}`;
  const row = await ctx.db.query.slackIdentities.findFirst({ where: due, orderBy: asc(slackIdentities.checkedAt) });
  return row ?? null;
}

/** Notes that Slack still knows a linked user as a full member. */
export async function noteSlackUser(ctx: Store, user: SlackUser): Promise<void> {
  await ctx.db.update(slackIdentities).set({ checkedAt: ctx.now() }).where(isUser(user));
}
