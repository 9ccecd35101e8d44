import type { z } from 'zod';
import type { JsonObject } from './json.ts';
import type { ReadClient } from './read-client.ts';
import type { Toolset } from './toolsets.ts';

/** A PagerDuty read, declared once. The answer keeps an allow-list of fields; personal contact data never leaves. */
export interface ReadTool<Input = unknown> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: Toolset;
  readonly source: { operationId: string; path: string; scope: string | null };
  /** Every OAuth scope it needs, that of `source` among them. */
  readonly reads: readonly string[];
  readonly input: z.ZodType<Input>;
  readonly example: JsonObject;
  /** @returns the minimised answer, its text already made visible, and one sentence that says what is in it. */
  run(pagerduty: ReadClient, input: Input): Promise<{ answer: JsonObject; text: string }>;
}

/** Checks a declaration's types; returns it unchanged. */
export function defineReadTool<Input>(tool: ReadTool<Input>) {
  return tool;
}
