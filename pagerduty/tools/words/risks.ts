import type { RiskLevel } from '../../write-tool.ts';
import { hasSecret } from './secrets.ts';

export interface Risk {
  level: RiskLevel;
  reason: string;
}

const ORDER: RiskLevel[] = ['low', 'medium', 'high', 'critical'];

/** The strictest level wins; every reason is kept, the strictest first. At least one risk must be given. */
export function strictest(risks: Risk[]): { level: RiskLevel; reasons: string[] } {
  const sorted = risks.toSorted((a, b) => ORDER.indexOf(b.level) - ORDER.indexOf(a.level));
  // No rule said anything: nobody has thought about this case, so it counts as the worst.
  return { level: sorted[0]?.level ?? 'critical', reasons: sorted.map(({ reason }) => reason) };
}

/** Priorities that companies use for "everything is down". */
export const isTopPriority = (priority: string | null) => priority !== null && /^(p[01]|sev-?[01])\b/i.test(priority);

const LINK = /\b(?:https?|ftp):\/\/|\bwww\./i;
/** Links and what looks like a secret, in text that other people and integrations will read. */
export function textRisks(text: string): Risk[] {
  const risks: Risk[] = [];
  if (hasSecret(text)) risks.push({ level: 'medium', reason: 'The text contains what looks like a secret.' });
  if (LINK.test(text)) risks.push({ level: 'medium', reason: 'The text contains a link.' });
  return risks;
}
