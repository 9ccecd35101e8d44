import type { ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { STATUSES } from '#approvals/lifecycle.ts';
import { ENVELOPE_SCHEMA, LIST_SCHEMA } from './envelope.ts';
import { WAITS } from './waits.ts';

/** A tool about the agent's own requests. There is none that approves or denies, and never will be. */
export interface Companion<Input = unknown> {
  title: string;
  description: string;
  annotations: ToolAnnotations;
  input: z.ZodType<Input>;
  outputSchema: object;
  example: object;
}

const requestId = z.string().max(100).describe('As in the answer of the write tool: apr_…');
const example = { request_id: 'apr_01hx…' };
const looks: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

const longest = WAITS.waitLongestWithProgressMs / 1000;
const usual = WAITS.waitLongestMs / 1000;

export const companions = {
  wait_for_approval: {
    title: 'Wait for a human',
    description:
      'Wait until a request is decided and done, and learn the outcome. Comes back early with status "pending" if nobody decided yet: then call it again.',
    annotations: looks,
    input: z.strictObject({
      request_id: requestId,
      timeout_seconds: z
        .number()
        .min(1)
        .max(longest)
        .optional()
        .describe(`Default ${WAITS.waitDefaultMs / 1000}; more than ${usual} only with a progress token.`),
    }),
    outputSchema: ENVELOPE_SCHEMA,
    example,
  },
  get_request: {
    title: 'Look at a request',
    description: 'How one of your requests stands now, without waiting.',
    annotations: looks,
    input: z.strictObject({ request_id: requestId }),
    outputSchema: ENVELOPE_SCHEMA,
    example,
  },
  list_my_requests: {
    title: 'List my requests',
    description: 'Your newest requests, also those whose request_id was lost.',
    annotations: looks,
    input: z.strictObject({
      status: z.enum(STATUSES).optional(),
      limit: z.int().min(1).max(50).optional().describe('Default 20.'),
    }),
    outputSchema: LIST_SCHEMA,
    example: { status: 'pending' },
  },
  cancel_request: {
    title: 'Withdraw a request',
    description: 'Withdraw a request of yours that was not sent yet.',
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({
      request_id: requestId,
      reason: z.string().max(300).optional().describe('Shown to the humans.'),
    }),
    outputSchema: ENVELOPE_SCHEMA,
    example,
  },
} satisfies Record<string, Companion>;

export type CompanionName = keyof typeof companions;

export type CompanionInput<Name extends CompanionName> = z.infer<(typeof companions)[Name]['input']>;

/** Names come from outside, so inherited keys do not count. */
export function isCompanion(name: string): name is CompanionName {
  return Object.hasOwn(companions, name);
}
