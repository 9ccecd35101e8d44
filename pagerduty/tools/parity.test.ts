import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ReadTool } from '../read-tool.ts';
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

// Facts about PagerDuty's own server, gathered outside this repository.
const FACTS = new URL('../../../shared/reference/pagerduty/tools.json', import.meta.url);
const official: OfficialTool[] = existsSync(FACTS) ? JSON.parse(readFileSync(FACTS, 'utf8')) : [];
if (official.length === 0) process.stderr.write('Skipped: the list of the official tools is not at hand.\n');

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

test.skipIf(official.length === 0)('has the names of the official server, reads as reads and writes as writes', () => {
  const named = (access: string) => official.filter((tool) => tool.access === access).map(({ name }) => name);
  expect(Object.keys(readTools).sort()).toEqual(named('read').sort());
  expect(Object.keys(writeTools).sort()).toEqual(named('write').sort());
});

describe.each(official.map((tool) => [tool.name, tool] as const))(
  '%s, compared with the official tool',
  (name, tool) => {
    const mine = ours[name];

    test('takes every argument that the official one takes', () => {
      // The cast holds: it is the JSON Schema that Zod makes. Arguments that are taken but not offered count.
      const schema = z.toJSONSchema(mine?.input ?? z.never(), { io: 'input' }) as Property;
      expect(tool.params.map((each) => each.name).filter((path) => !takes(schema, path))).toEqual(REFUSED[name] ?? []);
    });

    test('stands for one of its operations, with that scope', () => {
      const calls = tool.rest.map(({ operationId, path, scope }) => ({ operationId, path, scope: scope ?? null }));
      const { operationId, path, scope } = mine?.source ?? { operationId: '', path: '', scope: '' };
      expect(calls).toContainEqual({ operationId, path, scope });
    });
  },
);
