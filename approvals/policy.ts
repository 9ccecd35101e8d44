import type { Decision, Risk } from '#db/schema.ts';
import type { OnCall } from '#pagerduty/on-call.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { TERMS } from './limits.ts';

const RISKS = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Risk[];

/** Raises a risk by some levels, at most to critical. */
export function raise(risk: Risk, levels: number): Risk {
  return RISKS[RISKS.indexOf(risk) + levels] ?? 'critical';
}

/** Whether the second risk asks for more than the first. */
export function isStricter(than: Risk, now: Risk): boolean {
  // Unnoticed without `TERMS[now]`: today no level asks for more people than a higher one.
  return TERMS[now].reviewsRequired > TERMS[than].reviewsRequired || RISKS.indexOf(now) > RISKS.indexOf(than);
}

/**
 * The risk of a write on what was read, one level higher for an effect that cannot be told and for suspicious text.
 * @param findings what is suspicious about the arguments.
 */
export function riskOf(
  tool: WriteTool,
  input: unknown,
  before: unknown,
  findings: readonly string[],
): { level: Risk; reasons: string[] } {
  const { level, reasons } = tool.risk(input, before);
  const doubts = [
    ...(tool.summarize(input, before).effect.known ? [] : ['The effect could not be computed.']),
    ...(findings.length > 0 ? ['The arguments contain suspicious text.'] : []),
  ];
  return { level: raise(level, doubts.length), reasons: [...reasons, ...doubts] };
}

export type Ruling = { allowed: true } | { allowed: false; because: string };

/** Text that has no honest use inside a write, whatever it says. */
const NEVER_SENT = [/invisible tag characters/, /terminal escape sequences/, /reorder text/];

/** Whether an ask may be held at all. What is refused here is recorded as blocked. */
export function admission(findings: readonly string[]): Ruling {
  const bad = findings.find((finding) => NEVER_SENT.some((pattern) => pattern.test(finding)));
  return bad === undefined
    ? { allowed: true }
    : { allowed: false, because: `The arguments were refused. ${bad} Send plain text instead.` };
}

/** A human as far as rights go. */
export interface Reviewer {
  personId: string;
  name: string;
  pagerdutyUserId: string | null;
  fallback: boolean;
  active: boolean;
}

/** The request as far as rights go. */
export interface Reviewable {
  /** The agent's owner, the human it acts for, and whoever proposed it. */
  requesterChain: readonly (string | null)[];
  /** The human who proposed it to undo what an agent had asked for; null for what an agent asks. */
  proposedBy: string | null;
  escalationPolicyIds: readonly string[];
}

export type Entitlement = { allowed: true; as: string } | { allowed: false; because: string };

const no = (because: string): Entitlement => ({ allowed: false, because });

/** What a decision in Slack is not enough for: Slack cannot ask who it is again. */
export const WEB_ONLY: readonly Risk[] = ['high', 'critical'];

export function isWebOnly(risk: Risk): boolean {
  return WEB_ONLY.includes(risk);
}

/** Whether a decision may be made on that surface. Denying may be done wherever one is. */
export function mayDecideOn(surface: 'web' | 'slack', decision: Decision, risk: Risk): Ruling {
  if (surface === 'web' || decision === 'deny' || !isWebOnly(risk)) return { allowed: true };
  return { allowed: false, because: `A ${risk} risk is approved on the web, not in Slack.` };
}

/** Names of the people on call on the levels that may review, first level first. */
export function onCallNames(onCall: OnCall, levels: number): string[] {
  if (!onCall.known) return [];
  const entries = onCall.entries.filter((entry) => entry.level <= levels);
  const words = entries
    .sort((a, b) => a.level - b.level)
    .map((entry) => `${entry.userName} (${entry.policyName}, level ${entry.level})`);
  return [...new Set(words)];
}

function ownWords({ proposedBy }: Reviewable, { personId }: Reviewer): string {
  if (proposedBy === personId)
    return 'You proposed it, so somebody else must decide. You can withdraw it in Countersign.';
  return proposedBy === null
    ? 'It was asked by your own agent, so somebody else must decide. You can withdraw it in Countersign.'
    : 'It undoes what your own agent asked for, so somebody else must decide.';
}

/**
 * Whether a human may decide on a request now. Refusals come first, and whoever matches nothing may not.
 * Approving needs to be on call for every policy the request touches; denying, for any of them.
 */
export function mayReview(
  decision: Decision,
  reviewer: Reviewer,
  request: Reviewable,
  onCall: OnCall,
  levels: number,
): Entitlement {
  if (!reviewer.active) return no('Your account is switched off.');
  if (request.requesterChain.includes(reviewer.personId)) {
    return no(ownWords(request, reviewer));
  }
  if (reviewer.pagerdutyUserId === null) {
    return no('You are not linked to a PagerDuty user. Ask whoever runs Countersign to link you.');
  }
  if (reviewer.fallback) return { allowed: true, as: 'member of the fallback group' };
  if (!onCall.known) return no('PagerDuty cannot be asked who is on call, so only the fallback group may decide now.');
  const mine = onCall.entries.filter(
    (entry) => entry.userId === reviewer.pagerdutyUserId && entry.level >= 1 && entry.level <= levels,
  );
  const covered = request.escalationPolicyIds.filter((id) => mine.some((entry) => entry.policyId === id));
  const first = mine.find((entry) => covered.includes(entry.policyId));
  const enough = decision === 'deny' || covered.length === request.escalationPolicyIds.length;
  if (first !== undefined && enough) {
    return { allowed: true, as: `on call for ${first.policyName}, level ${first.level}` };
  }
  if (request.escalationPolicyIds.length === 0) {
    return no('This kind of change belongs to no escalation policy, so only the fallback group may decide on it.');
  }
  const who = onCallNames(onCall, levels);
  const can = who.length === 0 ? 'Nobody is on call for it; the fallback group can.' : `On call: ${who.join(', ')}.`;
  return no(
    first === undefined
      ? `You are not on call for what this touches. ${can}`
      : `You are on call for only a part of what this touches. The fallback group can decide on all of it. ${can}`,
  );
}

/**
 * Whether a human may see what only humans may: those who approved it, and the fallback group, who are there when those
 * have left. Nobody in the requester's chain, and nobody who is switched off.
 */
export function maySeeSecrets(reviewer: Reviewer, approved: boolean, request: Reviewable): Ruling {
  if (!reviewer.active) return { allowed: false, because: 'Your account is switched off.' };
  const own = request.requesterChain.includes(reviewer.personId);
  if (!own && (approved || (reviewer.fallback && reviewer.pagerdutyUserId !== null))) return { allowed: true };
  return { allowed: false, because: 'Only those who approved it, or the fallback group, may see it.' };
}

/** What the reviews so far amount to. A review of other bytes counts for nothing; one deny outweighs any approvals. */
export function resolution(
  reviews: readonly { personId: string; decision: Decision; digest: string }[],
  digest: string,
  reviewsRequired: number,
): 'approved' | 'denied' | null {
  if (reviews.some((review) => review.decision === 'deny')) return 'denied';
  const approvers = new Set(
    reviews
      // Unnoticed without `review.decision === 'approve'`: a no has ended it above.
      .filter((review) => review.decision === 'approve' && review.digest === digest)
      .map((review) => review.personId),
  );
  return approvers.size >= reviewsRequired ? 'approved' : null;
}
