import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old, or how far ahead, a signature may be. Bolt's own check lets the future pass. */
export const SIGNATURE_WINDOW_SECONDS = 300;

export interface Signed {
  timestamp: string | undefined;
  signature: string | undefined;
}

/** Whether the time is near enough to be worth reading the body. */
export function isTimely(timestamp: string | undefined, nowSeconds: number): timestamp is string {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(nowSeconds - Number(timestamp)) <= SIGNATURE_WINDOW_SECONDS;
}

/**
 * Whether Slack signed exactly these bytes within the window.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function isSigned(secret: string, { timestamp, signature }: Signed, body: Buffer, nowSeconds: number): boolean {
  if (!isTimely(timestamp, nowSeconds)) return false;
  const [, hex] = /^v0=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
  if (hex === undefined) return false;
  const own = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
  return timingSafeEqual(own, Buffer.from(hex, 'hex'));
}
