import { afterAll } from 'vitest';
import { type FakePagerDuty, startFakePagerDuty } from '../../fake/server/server.ts';
import type { Json } from '../../json.ts';
import type { CallOutcome } from '../../outcome.ts';
import { createReadClient, type ReadClient } from '../../read-client.ts';
import type { ReadTool } from '../../read-tool.ts';
import { createWriteClient, type WriteClient } from '../../write-client.ts';
import type { AttemptFacts, Binding, Evidence, WriteTool } from '../../write-tool.ts';

/** The moment at which every test plays, unless it moves the clock. */
export const NOW = '2026-11-23T14:05:00.000Z';

export interface Stage {
  play: FakePagerDuty;
  reads: ReadClient;
  writes: WriteClient;
  binding: Binding;
  attempt: AttemptFacts;
  /** Parses raw arguments and reads what the tool reads. */
  held<Input, Before>(tool: WriteTool<Input, Before>, raw: unknown): Promise<{ input: Input; before: Before }>;
  /** Sends the tool's call once, as the worker would, in Marco's name. */
  sent(tool: WriteTool, input: unknown, before?: unknown): Promise<CallOutcome>;
  /** What reading back says of a lost call. */
  evidence(tool: WriteTool, input: unknown, facts?: AttemptFacts): Promise<Evidence>;
  /** Moves the play's clock. */
  at(instant: string): void;
}

/** Starts a playable PagerDuty for one test file and ends it afterwards. */
export async function stage(): Promise<Stage> {
  let now = new Date(NOW);
  const play = await startFakePagerDuty({ now: () => now });
  afterAll(() => play.close());
  const { tokens, people } = play.company;
  const reads = createReadClient({ baseUrl: play.url, token: tokens.accountRead });
  const writes = createWriteClient({ baseUrl: play.url, token: tokens.accountFull });
  const binding = { requestId: 'req_0001', requesterUserId: people.dana.id };
  const attempt = {
    requestId: binding.requestId,
    fromUserId: people.marco.id,
    claimedAt: new Date(NOW),
    lostAt: new Date(NOW),
  };
  return {
    play,
    reads,
    writes,
    binding,
    attempt,
    async held(tool, raw) {
      const input = tool.input.parse(raw);
      const before = await tool.read(reads, input);
      // What is stored comes back as JSON: it must be the same again.
      return { input: tool.input.parse(stored(input)), before: tool.before.parse(stored(before)) };
    },
    sent(tool, input, before) {
      const { method, path, body } = tool.call(input, binding, before);
      const text = body === null ? null : JSON.stringify(body);
      return writes.send({ method, path, body: text, from: people.marco.email, stillAllowed: () => true });
    },
    async evidence(tool, input, facts = attempt) {
      return tool.verify(input, await tool.readBack(reads, input, facts), facts);
    },
    at(instant) {
      now = new Date(instant);
    },
  };
}

export const stored = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

/** The refusal of an input, one line per problem. */
export function refusals(tool: Pick<WriteTool, 'input'>, raw: unknown): string[] {
  const parsed = tool.input.safeParse(raw);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`);
}

/** Parses raw arguments and runs the read. */
export const runner =
  <Input>(tool: ReadTool<Input>, reads: ReadClient) =>
  (raw: unknown) =>
    tool.run(reads, tool.input.parse(raw));

/** Stands for what was read, for a call that is made from the input alone. The cast holds: such a call ignores it. */
export const unread = null as never;
