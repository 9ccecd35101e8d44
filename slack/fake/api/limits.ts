/**
 * Slack's rate limits in terms of the clock of this Slack: calls a minute by tier, and for posting one message a
 * second and channel with short bursts above that.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */

export type Tier = 1 | 2 | 3 | 4 | 'post';

const CALLS_A_MINUTE: Record<Exclude<Tier, 'post'>, number> = { 1: 1, 2: 20, 3: 50, 4: 100 };
const MINUTE_MS = 60_000;
/** Slack does not say how short its bursts are. */
const BURST = 3;

export interface Limits {
  /** Counts a call. @returns seconds to wait when it is one too many, else null. */
  take(call: { method: string; tier: Tier; channel: string }, now: Date): number | null;
  clear(): void;
}

export function createLimits(): Limits {
  const past = new Map<string, number[]>();
  return {
    take({ method, tier, channel }, now) {
      const [key, most, windowMs] =
        tier === 'post' ? [`${method} ${channel}`, BURST, BURST * 1000] : [method, CALLS_A_MINUTE[tier], MINUTE_MS];
      const recent = (past.get(key) ?? []).filter((at) => now.getTime() - at < windowMs);
      const [oldest] = recent;
      past.set(key, recent);
      if (recent.length >= most && oldest !== undefined) {
        return Math.max(1, Math.ceil((oldest + windowMs - now.getTime()) / 1000));
      }
      recent.push(now.getTime());
      return null;
    },
    clear: () => past.clear(),
  };
}
