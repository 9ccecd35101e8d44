import { riskOf } from '#approvals/policy.ts';
import { startFakePagerDuty } from '#pagerduty/fake/server/server.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import type { ReadTool } from '#pagerduty/read-tool.ts';
import { createWriteClient } from '#pagerduty/write-client.ts';
import type {
  AttemptFacts,
  Binding,
  Call,
  Evidence,
  RiskLevel,
  Summary,
  Undo,
  WriteTool,
} from '#pagerduty/write-tool.ts';

/** The moment at which every example on the pages happens. */
export const MOMENT = '2026-11-23T14:05:00.000Z';

/** Lets `new Date()` and `Date.now()` tell one moment, so that pages made on different days are the same. */
export function stopClock(): void {
  const Real = Date;
  const at = Real.parse(MOMENT);
  globalThis.Date = class extends Real {
    constructor(...given: [] | [string | number | Date]) {
      super(given.length === 0 ? at : given[0]);
    }
    static override now = () => at;
    // The cast holds: only these two ways to make a date are used between here and the pages.
  } as DateConstructor;
}

/** A write's example as it went on the playable PagerDuty. */
export interface WriteExample {
  summary: Summary;
  risk: { level: RiskLevel; reasons: string[] };
  call: Call;
  undo: Undo;
  /** How many escalation policies it touches. */
  policies: number;
  /** What reading says when the answer was lost after PagerDuty had applied it. */
  applied: Evidence;
  /** What reading says, after the settle window, when the call never arrived. */
  lost: Evidence;
}

const binding: Binding = { requestId: 'apr_example', requesterUserId: 'PUDANA1' };

async function evidence(read: () => Promise<Evidence>): Promise<Evidence> {
  try {
    return await read();
  } catch (error) {
    return { applied: null, because: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs a write's example against an invented company of its own: card, call, evidence both ways, undo. */
export async function exampleOfWrite(tool: WriteTool): Promise<WriteExample> {
  const play = await startFakePagerDuty({ now: () => new Date(MOMENT) });
  try {
    const { tokens, people } = play.company;
    const reads = createReadClient({ baseUrl: play.url, token: tokens.accountRead });
    const writes = createWriteClient({ baseUrl: play.url, token: tokens.accountFull });
    const input = tool.input.parse(tool.example);
    const before = tool.before.parse(await tool.read(reads, input));
    const call = tool.call(input, binding, before);
    const attempt: AttemptFacts = {
      requestId: binding.requestId,
      fromUserId: people.marco.id,
      claimedAt: new Date(MOMENT),
      lostAt: new Date(MOMENT),
    };
    const look = async () => tool.verify(input, await tool.readBack(reads, input, attempt), attempt);
    const lost = await evidence(look);
    const body = call.body === null ? null : JSON.stringify(call.body);
    const outcome = await writes.send({ ...call, body, from: people.marco.email, stillAllowed: () => true });
    if (outcome.kind !== 'applied') throw new Error(`${tool.name}: the example was not applied: ${outcome.because}`);
    const answer = tool.interpret(input, outcome.body);
    if (!answer.applied) throw new Error(`${tool.name}: the example was refused: ${answer.because}`);
    return {
      summary: tool.summarize(input, before),
      risk: riskOf(tool, input, before, []),
      call,
      undo: tool.undo(input, before, answer.result),
      policies: tool.touches(input, before).escalationPolicyIds.length,
      applied: await evidence(look),
      lost,
    };
  } finally {
    await play.close();
  }
}

/** Runs a read's example. */
export async function exampleOfRead(tool: ReadTool): Promise<{ answer: JsonObject; text: string }> {
  const play = await startFakePagerDuty({ now: () => new Date(MOMENT) });
  try {
    // The analytics questions are POSTs, which the read-only key of the play may not ask.
    const reads = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountFull });
    return await tool.run(reads, tool.input.parse(tool.example));
  } finally {
    await play.close();
  }
}

/** Long lists shortened: a page shows the shape, not the data. */
export function shortened(value: Json, most = 1): Json {
  if (Array.isArray(value)) {
    const kept = value.slice(0, most).map((each) => shortened(each, most));
    return value.length > most ? [...kept, `… ${value.length - most} more`] : kept;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner, most)]));
}
