import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wayOfAnAsk, withPicture } from './way-of-an-ask.ts';

describe('the way of an ask', () => {
  test('enters each file from one other only, but for the way to the database', () => {
    const { files, arrows } = wayOfAnAsk();
    const ways = (file: string) => arrows.filter(({ target, typeOnly }) => target === file && !typeOnly).length;
    expect(Object.fromEntries(files.map((file) => [file, ways(file)]))).toEqual({
      'mcp/calls.ts': 0,
      'approvals/submit.ts': 1,
      'approvals/ask.ts': 1,
      'approvals/receive.ts': 1,
      'approvals/shape.ts': 1,
      'approvals/hold.ts': 1,
      'db/query.ts': 2,
    });
  });

  test('is drawn as it is', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'architecture.md'), 'utf8');
    expect(page).toContain('flowchart TD');
    expect(withPicture(page)).toBe(page);
  });
});
