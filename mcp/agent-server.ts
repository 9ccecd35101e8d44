import {
  type AuthInfo,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Context } from '#approvals/context.ts';
import type { AgentIdentity } from '#identity/agents.ts';
import manifest from '#package.json' with { type: 'json' };
import type { JsonObject } from '#pagerduty/json.ts';
import { findReadTool, findWriteTool } from '#pagerduty/tools/index.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { type Call, kindOf, run, type Serving } from './calls.ts';
import { listFor } from './catalogue.ts';
import { refuse } from './refusals.ts';
import { waitKey } from './waits.ts';

const IDENTITY = { name: manifest.name, title: 'Countersign', version: manifest.version };

const INSTRUCTIONS = [
  'PagerDuty with a human in front of every write.',
  'Reads answer at once.',
  'A write is held until a human on call approved it; then this server sends it, once.',
  'If the answer has status "pending", the tool has not run: call wait_for_approval with its request_id until there is an outcome, and do not repeat the write.',
  'Give a reason: the human reads it.',
].join(' ');

const READ = 'pagerduty:read';
const WRITE = 'pagerduty:write';

interface Carried {
  toolsets: readonly Toolset[];
  /** Why the message can be read in more than one way; null if it cannot. */
  ambiguity: string | null;
}

/** Says also that a tool is only switched off: whoever set the agent up would look for a typing error otherwise. */
function unknownTool(name: string): string {
  const toolset = (findWriteTool(name) ?? findReadTool(name))?.toolset;
  const because =
    toolset === undefined ? '' : `. It belongs to the toolset ${toolset}, which this agent does not have.`;
  return `Unknown tool: ${name}${because}`;
}

/** What the protocol layer carries of an agent. The token is not in it: nothing behind the door needs it. */
export function authInfoOf(agent: AgentIdentity, ambiguity: string | null): AuthInfo {
  const scopes = agent.canWrite ? [READ, WRITE] : [READ];
  return { token: '', clientId: agent.id, scopes, extra: { toolsets: agent.toolsets, ambiguity } satisfies Carried };
}

/** One progress notification after the other, for a client that asked for them. */
function progress({ mcpReq }: ServerContext): (() => void) | null {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return null;
  let sent = 0;
  return () => {
    sent += 1;
    const params = { progressToken, progress: sent, message: 'Waiting for a human to decide.' };
    // A client that has gone away is noticed by its signal.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}

/**
 * The MCP server of one request, in either protocol era. The low-level class with a table made once: registering
 * every tool anew for each open call would cost a hundred kilobytes each.
 */
export function createAgentServer(ctx: Omit<Context, 'actor'>, serving: Serving, auth: AuthInfo | undefined): Server {
  if (auth === undefined) throw new Error('a request came in past the door');
  // The cast holds: `authInfoOf` made it.
  const { toolsets, ambiguity } = auth.extra as unknown as Carried;
  const server = new Server(IDENTITY, { capabilities: { tools: {} }, instructions: INSTRUCTIONS });
  server.setRequestHandler('tools/list', () => ({
    tools: listFor({ toolsets, canWrite: auth.scopes.includes(WRITE) }),
  }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const kind = kindOf(params.name, toolsets);
    if (kind === null) throw new ProtocolError(ProtocolErrorCode.InvalidParams, unknownTool(params.name));
    if (ambiguity !== null) return refuse({ tool: params.name, kind }, `${params.name}: ${ambiguity}`);
    const call: Call = {
      tool: params.name,
      // The cast holds: the door parsed the whole message as JSON.
      arguments: (params.arguments ?? {}) as JsonObject,
      agentId: auth.clientId,
      key: waitKey(auth.clientId, context.mcpReq.id),
      signal: context.mcpReq.signal,
      tell: progress(context),
    };
    return run({ ...ctx, actor: { kind: 'agent', agentId: auth.clientId } }, serving, call, kind);
  });
  return server;
}
