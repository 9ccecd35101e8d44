import { z } from 'zod';

/** What people can press. A button that only opens a page is pressed too: Slack tells of it and wants an answer. */
export const ACTIONS = {
  approve: 'req_approve',
  review: 'req_review',
  deny: 'req_deny',
  open: 'req_open',
  link: 'link_account',
  queue: 'queue_open',
} as const;

/** Callback ids of our modals. */
export const VIEWS = { deny: 'req_deny_submit', review: 'req_review_submit', queue: 'queue' } as const;

/** Which request a button or a modal is about, and which state of it was on the screen. */
export interface Pointer {
  requestId: string;
  version: number;
  digest: string;
}

const pointed = z.strictObject({
  id: z.string().regex(/^apr_[0-9a-z]{26}$/),
  v: z.int().positive(),
  d: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A pointer and nothing more: every right is looked up again when it comes back. */
export function pointer({ id, version, digest }: { id: string; version: number; digest: string }): string {
  return JSON.stringify({ id, v: version, d: digest } satisfies z.infer<typeof pointed>);
}

/** Reads a pointer of ours. @returns null for anything else, whatever it is. */
export function readPointer(text: string | undefined): Pointer | null {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  const read = pointed.safeParse(json);
  return read.success ? { requestId: read.data.id, version: read.data.v, digest: read.data.d } : null;
}
