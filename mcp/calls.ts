import type { CallToolResult } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { refusedArguments } from '#approvals/arguments.ts';
import { cancel } from '#approvals/cancel.ts';
import type { Changes } from '#approvals/changes.ts';
import type { Context } from '#approvals/context.ts';
import { isFinal } from '#approvals/lifecycle.ts';
import { read } from '#approvals/read.ts';
import { submit } from '#approvals/submit.ts';
import type { RequestRow } from '#approvals/transition.ts';
import { getForAgent, listForAgent, markDelivered, readDelivered, viewForAgent } from '#approvals/views/agent-view.ts';
import { readRequest, waitFor } from '#approvals/wait.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { findReadTool, findWriteTool } from '#pagerduty/tools/index.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { visible } from '#pagerduty/visible-text.ts';
import { ApprovalError } from '#process/errors.ts';
import { ours } from './catalogue.ts';
import { type CompanionInput, type CompanionName, companions, isCompanion } from './companions.ts';
import { answerFor, answerForAll, hasOutcome } from './envelope.ts';
import { type Called, failed } from './refusals.ts';
import type { OpenWaits, Waiter, Waits } from './waits.ts';

/** What a call needs beside the agent's own context. */
export interface Serving {
  changes: Changes;
  waits: Waits;
  open: OpenWaits;
  publicUrl: string;
}

/** One `tools/call` of an authenticated agent. */
export interface Call extends Waiter {
  tool: string;
  arguments: JsonObject;
}

/** Parses arguments of ours. @throws ApprovalError `invalid` with field, reason and example. */
function parsed<T>(schema: z.ZodType<T>, tool: string, given: unknown, example?: object): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ApprovalError('invalid', refusedArguments(`${tool} was not run.`, result.error.issues, example));
}

/**
 * Waits for the outcome of a request; when the wait ends without one, the answer is how it stands. Takes an id and not
 * a row: an open call should not keep kilobytes of a reading that is old by then.
 */
async function outcome(ctx: Context, serving: Serving, call: Call, requestId: string, timeoutMs: number) {
  const waiting = {
    requestId,
    until: ({ status }: RequestRow) => hasOutcome(status),
    timeoutMs,
    atTheEnd: () => (serving.open.hasLeft(call) ? readRequest(ctx, requestId) : readDelivered(ctx, requestId)),
  };
  const row = await serving.open.run(call, (signal) => waitFor(ctx, serving.changes, { ...waiting, signal }));
  return row ?? getForAgent(ctx, requestId);
}

/** Answers with a request as it is. A client that is gone gets nothing and counts as not having its handle. */
async function tell(ctx: Context, serving: Serving, call: Call, row: RequestRow, remark?: string) {
  if (!isFinal(row.status) && row.deliveredAt === null && !serving.open.hasLeft(call)) await markDelivered(ctx, row.id);
  const around = { publicUrl: serving.publicUrl, pollAfterMs: serving.waits.pollAfterMs };
  return answerFor(await viewForAgent(ctx, row), around, remark);
}

async function held(ctx: Context, call: Call): Promise<{ id: string; attached: boolean }> {
  const { reason, idempotency_key, ...own } = call.arguments;
  const extra = parsed(ours, call.tool, { reason, idempotency_key });
  const { request, attached } = await submit(ctx, {
    tool: call.tool,
    arguments: own,
    reason: extra.reason ?? undefined,
    idempotencyKey: extra.idempotency_key ?? undefined,
  });
  return { id: request.id, attached };
}

async function write(ctx: Context, serving: Serving, call: Call): Promise<CallToolResult> {
  const { id, attached } = await held(ctx, call);
  const { openMs, openWithProgressMs } = serving.waits;
  const row = await outcome(ctx, serving, call, id, call.tell === null ? openMs : openWithProgressMs);
  const remark = attached ? 'This is the request of your earlier identical ask; nothing was asked twice.' : undefined;
  return tell(ctx, serving, call, row, remark);
}

type CompanionCall<Name extends CompanionName> = (
  ctx: Context,
  serving: Serving,
  call: Call,
  input: CompanionInput<Name>,
) => Promise<CallToolResult>;

const companionCalls: { [Name in CompanionName]: CompanionCall<Name> } = {
  async wait_for_approval(ctx, serving, call, { request_id, timeout_seconds }) {
    const { waitDefaultMs, waitLongestMs, waitLongestWithProgressMs } = serving.waits;
    const longest = call.tell === null ? waitLongestMs : waitLongestWithProgressMs;
    const wantedMs = timeout_seconds === undefined ? waitDefaultMs : timeout_seconds * 1000;
    const { id } = await getForAgent(ctx, request_id);
    return tell(ctx, serving, call, await outcome(ctx, serving, call, id, Math.min(wantedMs, longest)));
  },
  async get_request(ctx, serving, call, { request_id }) {
    return tell(ctx, serving, call, await getForAgent(ctx, request_id));
  },
  async list_my_requests(ctx, serving, call, { status, limit = 20 }) {
    const views = await listForAgent(ctx, { ...(status ? { status } : {}), limit });
    if (!call.signal.aborted) {
      await Promise.all(views.filter(({ final }) => !final).map(({ requestId }) => markDelivered(ctx, requestId)));
    }
    return answerForAll(views, { publicUrl: serving.publicUrl, pollAfterMs: serving.waits.pollAfterMs });
  },
  async cancel_request(ctx, serving, call, { request_id, reason }) {
    const mine = await getForAgent(ctx, request_id);
    const shown = reason === undefined ? {} : { reason: visible(reason, { maxCharacters: 300, maxLines: 1 }).text };
    try {
      const withdrawn = await tell(ctx, serving, call, await cancel(ctx, { requestId: mine.id, ...shown }));
      // That it did not run is what was asked for.
      return { ...withdrawn, isError: false };
    } catch (error) {
      if (!(error instanceof ApprovalError && error.code === 'conflict')) throw error;
      const late = await tell(
        ctx,
        serving,
        call,
        await getForAgent(ctx, request_id),
        `NOT WITHDRAWN: ${error.message}`,
      );
      return { ...late, isError: true };
    }
  },
};

async function companion<Name extends CompanionName>(ctx: Context, serving: Serving, call: Call, name: Name) {
  const { input, example } = companions[name];
  // The cast holds: the schema of that name has just parsed it.
  const given = parsed<unknown>(input, name, call.arguments, example) as CompanionInput<Name>;
  return companionCalls[name](ctx, serving, call, given);
}

async function readCall(ctx: Context, call: Call): Promise<CallToolResult> {
  const { answer, text } = await read(ctx, { tool: call.tool, arguments: call.arguments });
  const blocks = [text, JSON.stringify(answer)].map((each) => ({ type: 'text' as const, text: each }));
  return { content: blocks, structuredContent: answer };
}

/** What kind of tool has that name; null = there is none, at least not in these toolsets. */
export function kindOf(tool: string, toolsets: readonly Toolset[]): Called['kind'] | null {
  const [write, read] = [findWriteTool(tool), findReadTool(tool)];
  if (write !== undefined) return toolsets.includes(write.toolset) ? 'write' : null;
  if (read !== undefined) return toolsets.includes(read.toolset) ? 'read' : null;
  return isCompanion(tool) ? 'companion' : null;
}

/** Runs one call. Never throws: whatever happens is an answer the agent can act on. */
export async function run(ctx: Context, serving: Serving, call: Call, kind: Called['kind']): Promise<CallToolResult> {
  try {
    if (kind === 'write') return await write(ctx, serving, call);
    if (isCompanion(call.tool)) return await companion(ctx, serving, call, call.tool);
    return await readCall(ctx, call);
  } catch (error) {
    return failed({ tool: call.tool, kind }, error, ctx.log);
  }
}
