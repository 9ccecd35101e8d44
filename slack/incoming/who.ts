import type { Deciding } from '#approvals/context.ts';
import { personOfSlack } from '#identity/slack-identities.ts';
import type { Team } from '../team.ts';

/** The Slack user who did something, as Slack's payloads name them. */
export interface Clicker {
  /** Workspace the app was used in. */
  teamId: string | undefined;
  userId: string;
  /** Workspace the user belongs to; commands do not say. */
  homeTeamId?: string | undefined;
}

/** What a listener needs of this process. */
export interface Serving {
  ctx: Omit<Deciding, 'actor'>;
  team: Team;
  channel: string;
  publicUrl: string;
}

export type Who =
  | { known: true; ctx: Deciding; name: string }
  /** `linkable`: a full member may be behind it who only has not linked their account. */
  | { known: false; linkable: boolean; because: string };

const UNLINKED =
  'Your Slack account is not linked to anybody here. Members of the workspace link theirs with /countersign link.';

/** The person behind a Slack user, who acts with their own rights; or why there is none. Default: nobody. */
export async function whoIs(to: Serving, { teamId, userId, homeTeamId }: Clicker): Promise<Who> {
  const own = await to.team.id();
  const foreign = teamId !== own || (homeTeamId !== undefined && homeTeamId !== own);
  if (foreign) return { known: false, linkable: false, because: 'Only members of this workspace can decide here.' };
  const person = await personOfSlack(to.ctx, { teamId: own, userId });
  if (person === null) return { known: false, linkable: true, because: UNLINKED };
  return {
    known: true,
    ctx: { ...to.ctx, actor: { kind: 'person', personId: person.id, surface: 'slack' } },
    name: person.name,
  };
}
