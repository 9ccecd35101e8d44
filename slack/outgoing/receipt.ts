import { z } from 'zod';

/** What a notifier stores about one place in Slack that tells of a request. */
const receipt = z.object({
  /** Where the message is; `ts` is missing until it was posted. */
  channel: z.string().optional(),
  ts: z.string().optional(),
  /** Hash of what it says, so that saying the same again is spared. */
  shown: z.string().optional(),
  /** Replies in its thread by what they say; null = given up after posts that were never answered. */
  replies: z.record(z.string(), z.object({ ts: z.string(), shown: z.string() }).nullable()).optional(),
  /** Posts of one part whose end is not known. */
  begun: z.object({ part: z.string(), posts: z.int().min(0) }).optional(),
  /** It is told of in that flood's message instead. */
  flood: z.string().optional(),
  /** Slack knows nobody to write to. */
  nobody: z.boolean().optional(),
});

export type Receipt = z.infer<typeof receipt>;

/** What is stored, in its shape; what cannot be read counts as nothing. */
export function readReceipt(stored: unknown): Receipt {
  return receipt.safeParse(stored ?? {}).data ?? {};
}
