import type { Json } from '#pagerduty/json.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import { refusedArguments } from './arguments.ts';
import { canonicalText } from './canonical.ts';
import type { Context } from './context.ts';
import type { RequestRow } from './transition.ts';

export interface Ask {
  tool: string;
  /** The tool's own arguments, from strict JSON. */
  arguments: Json;
  /** The agent's own words for the human. */
  reason?: string;
  /** The same key with the same arguments is the same ask, for ever; with others it is refused. */
  idempotencyKey?: string;
}

export interface Submitted {
  request: RequestRow;
  /** True when the ask was held before and this is that request. */
  attached: boolean;
}

/** How an ask stands, as the database says. */
export interface Standing {
  /** Why its agent may not ask for it, as `asker_barred` of `db/migrations` says; null = it may. */
  barred: 'off' | 'reads_only' | 'toolset' | null;
  /** The request it attaches to; null = none. */
  sameId: string | null;
  /** Requests of the agent's own that wait for a human. */
  waiting: number;
}

/** A sentence for arguments a tool cannot take: field, reason and an example. */
export function refusedInput(
  tool: WriteTool,
  issues: readonly { path: PropertyKey[]; message: string }[],
): ApprovalError {
  return new ApprovalError('invalid', refusedArguments(`${tool.name} was not held.`, issues, tool.example));
}

export function checkSizes(ctx: Context, ask: Ask): void {
  const bytes = Buffer.byteLength(canonicalText(ask.arguments));
  if (bytes > ctx.limits.argumentsBytes) {
    throw new ApprovalError(
      'invalid',
      `The arguments are ${bytes} bytes; at most ${ctx.limits.argumentsBytes} are held.`,
    );
  }
  const key = ask.idempotencyKey;
  if (key !== undefined && (key === '' || key.length > ctx.limits.idempotencyKeyCharacters)) {
    throw new ApprovalError(
      'invalid',
      `idempotency_key must have 1 to ${ctx.limits.idempotencyKeyCharacters} characters.`,
    );
  }
}
