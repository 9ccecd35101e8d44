import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ReadTool } from '../read-tool.ts';
import { toolList } from '../testing/documents.ts';
import type { WriteTool } from '../write-tool.ts';
import { readTools, writeTools } from './index.ts';

interface OfficialTool {
  name: string;
  access: 'read' | 'write';
  /** Dotted names; `[]` after a list. */
  params: { name: string; required: boolean }[];
  rest: { method: string; path: string; operationId: string; scope: string | null }[];
}

interface Property {
  type?: string;
  properties?: Record<string, Property>;
  items?: Property;
}

const { path: list, needed } = toolList();
const official: OfficialTool[] = list === null ? [] : JSON.parse(readFileSync(list, 'utf8'));

const ours: Record<string, ReadTool | WriteTool> = { ...readTools, ...writeTools };

/** Refused with a sentence, because PagerDuty would ignore it or has nothing to set it to. In the table of deviations. */
const REFUSED: Record<string, readonly string[]> = {
  create_status_page_post: ['create_model.post.updates[].post.id', 'create_model.post.updates[].post.type'],
  create_escalation_policy: [
    'escalation_policy_data.escalation_policy.services[].id',
    'escalation_policy_data.escalation_policy.services[].summary',
  ],
};

function takes(schema: Property, path: string): boolean {
  let at: Property = schema;
  for (const part of path.replaceAll('[]', '').split('.')) {
    while (at.type === 'array') at = at.items ?? {};
    const inner = at.properties?.[part];
    if (inner === undefined) return false;
    at = inner;
  }
  return true;
}

test('has the names of the official server, reads as reads and writes as writes', needed, () => {
  const named = (access: string) => official.filter((tool) => tool.access === access).map(({ name }) => name);
  expect(Object.keys(readTools).sort()).toEqual(named('read').sort());
  expect(Object.keys(writeTools).sort()).toEqual(named('write').sort());
});

describe.each(Object.entries(ours))('%s, compared with the official tool', needed, (name, mine) => {
  const theirs = official.find((tool) => tool.name === name);

  test('takes every argument that the official one takes', () => {
    // The cast holds: it is the JSON Schema that Zod makes. Arguments that are taken but not offered count.
    const schema = z.toJSONSchema(mine.input, { io: 'input' }) as Property;
    expect(theirs?.params.map((each) => each.name).filter((path) => !takes(schema, path))).toEqual(REFUSED[name] ?? []);
  });

  test('stands for one of its operations, with that scope', () => {
    const calls = theirs?.rest.map(({ operationId, path, scope }) => ({ operationId, path, scope: scope ?? null }));
    const { operationId, path, scope } = mine.source;
    expect(calls).toContainEqual({ operationId, path, scope });
  });
});
