import type { z } from 'zod';
import type { Json, JsonObject } from './json.ts';
import type { ReadClient } from './read-client.ts';
import type { Toolset } from './toolsets.ts';

export type RiskLevel = 'low' | 'medium' | 'high' | 'critical';

/** A rule's answer: either it holds, or one sentence says why not. */
export type Verdict = { holds: true } | { holds: false; because: string };

/** One thing that must not change between showing and sending: how it is compared, and how it is said. */
export interface Watched {
  /** Unique within the request, e.g. `Q1ABC.status`. */
  key: string;
  /** Who or what, as the start of a sentence: `Incident #4821`. */
  subject: string;
  value: Json;
  /** What it is, as the end of that sentence: `"triggered"`. */
  words: string;
}

/** One REST call as pure data. `body` is sent as its RFC 8785 text, byte for byte. */
export interface Call {
  method: 'POST' | 'PUT' | 'DELETE';
  /** Path with ids filled in and percent-encoded, e.g. `/incidents/PABC/notes`. No query, no host. */
  path: string;
  body: JsonObject | null;
}

/** What changes, in PagerDuty's words, names instead of ids. No markup in any field. */
export interface SummaryLine {
  label: string;
  /** The value read at submission; null where nothing existed before. */
  now: string | null;
  after: string;
}

export interface Summary {
  /** A sentence of our own template that starts with a verb: `Resolve incident #4821 "Checkout 5xx"`. */
  title: string;
  /** What is touched, e.g. `#4821 Checkout 5xx`; several are joined by a comma. */
  target: string;
  /** Names of the services behind it; empty where none is known. */
  services: string[];
  lines: SummaryLine[];
  effect: {
    /** False when the effect could not be computed; risk is then raised by one level. */
    known: boolean;
    /** Who starts and stops being paged, what closes, for how long: one sentence each. */
    lines: string[];
  };
}

/**
 * The compensating call, itself a request that needs its own approval. `input` is null as long as it needs an id that
 * only PagerDuty's answer tells.
 */
export type Undo =
  | { possible: true; tool: string; input: JsonObject | null; complete: boolean; note: string }
  | { possible: false; because: string };

/** What a request touches: who may review it, and which other requests must not run at the same moment. */
export interface Touches {
  /** Lock names, e.g. `incident:PABC`. */
  subjects: string[];
  /** Ids of the escalation policies whose on-call people may review. */
  escalationPolicyIds: string[];
}

/** What only the request itself knows when the call is built. */
export interface Binding {
  /** Goes into free text and keys, so that our own write is recognised when it is read back. */
  requestId: string;
  /** PagerDuty user the agent acts for; null when its owner has no PagerDuty link. */
  requesterUserId: string | null;
}

/** The one attempt, as far as reading back needs it. */
export interface AttemptFacts {
  requestId: string;
  /** PagerDuty user named in `From`. */
  fromUserId: string;
  /** The database's time at the claim: nothing of ours can be older. */
  claimedAt: Date;
  /** When the call was answered or given up: what happens clearly later is somebody else's doing. */
  lostAt: Date;
}

/**
 * What reading PagerDuty says about a lost call. `applied: null` = it cannot tell; a human has to. `result` is what
 * the answer would have told, as far as it can be read back; undo needs it.
 */
export type Evidence =
  | { applied: true; because: string; result: JsonObject | null }
  | { applied: false | null; because: string };

/** Something only humans may see, e.g. a signing secret that PagerDuty tells once. */
export interface Secret {
  label: string;
  value: string;
}

/** How PagerDuty's 2xx answer is to be taken; a 201 may carry refusals inside. `result` goes to the agent. */
export type Answer = { applied: true; result: JsonObject; secrets: Secret[] } | { applied: false; because: string };

/**
 * A PagerDuty write, declared once. No member is optional: a missing answer must not compile.
 * Members are methods, so that tools of different inputs fit one catalogue; stored input and snapshots are
 * therefore parsed again with the tool's own schemas before use.
 */
export interface WriteTool<Input = unknown, Before = unknown, After = unknown> {
  /** As in PagerDuty's own MCP server. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Raised whenever input, call or the meaning of a field changes; open requests of an older version become stale. */
  readonly version: number;
  readonly toolset: Toolset;
  readonly source: { operationId: string; method: Call['method']; path: string; scope: string | null };
  /** OAuth scopes that `read` and `readBack` need, e.g. `services.read`. */
  readonly reads: readonly string[];
  readonly annotations: { destructiveHint: boolean; idempotentHint: boolean };
  /** True when PagerDuty refuses the call without a `From` header. */
  readonly needsFrom: boolean;
  readonly input: z.ZodType<Input>;
  readonly before: z.ZodType<Before>;
  /** Arguments that work against the seeded company; shown to an agent whose input was refused. */
  readonly example: JsonObject;

  /** Reads what the human must see and what must not change until the call is sent. */
  read(pagerduty: ReadClient, input: Input): Promise<Before>;
  /** What of `before` is digested and compared again right before sending: the one list for both. */
  watched(input: Input, before: Before): Watched[];
  /** Whether the call makes sense at all on what was read; refused at the door with this sentence. */
  admit(input: Input, before: Before, binding: Binding): Verdict;
  risk(input: Input, before: Before): { level: RiskLevel; reasons: string[] };
  touches(input: Input, before: Before): Touches;
  /** Two held requests of one agent with the same key: the newer replaces the older. Null = never replaced. */
  supersedes(input: Input): string | null;
  summarize(input: Input, before: Before): Summary;
  /** Made again at the claim from what is stored: pure, and from nothing else. */
  call(input: Input, binding: Binding, before: Before): Call;
  /** What must hold right before sending beyond that nothing watched differs, e.g. what time alone changes. */
  alsoHolds(input: Input, before: Before, now: Before): Verdict;
  /** @throws when the answer is not one to what was asked: then the outcome is unknown. */
  interpret(input: Input, body: Json): Answer;
  readBack(pagerduty: ReadClient, input: Input, attempt: AttemptFacts): Promise<After>;
  verify(input: Input, after: After, attempt: AttemptFacts): Evidence;
  /** `result` is null before the call was sent, and when its answer was never seen. */
  undo(input: Input, before: Before, result: JsonObject | null): Undo;
}

/** Checks a declaration's types; returns it unchanged. */
export function defineWriteTool<Input, Before, After>(tool: WriteTool<Input, Before, After>) {
  return tool;
}
