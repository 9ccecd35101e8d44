import { describe, expect, test } from 'vitest';
import { isStartNote, readableLine } from './role-output.ts';

const at = new Date(2026, 10, 22, 3, 4, 5);

describe('a line of a role', () => {
  test('is read as a sentence when it is a log record', () => {
    const record = { level: 30, time: at.getTime(), pid: 1, role: 'worker', msg: 'sent', request: 'apr_1', ms: 12 };
    expect(readableLine('worker', JSON.stringify(record), new Date(0))).toBe(
      '03:04:05 worker    sent request=apr_1 ms=12',
    );
  });

  test('says how bad it is', () => {
    expect(readableLine('web', JSON.stringify({ level: 50, msg: 'no answer' }), at)).toBe(
      '03:04:05 web       error: no answer',
    );
  });

  test('is passed on as it is when it is anything else', () => {
    expect(readableLine('web', '▲ Next.js', at)).toBe('03:04:05 web       ▲ Next.js');
    expect(readableLine('mcp', '{broken', at)).toBe('03:04:05 mcp       {broken');
    expect(readableLine('mcp', '{"a":1}', at)).toBe('03:04:05 mcp       {"a":1}');
  });

  test('is left out when it only says that the role has started', () => {
    expect(
      ['▲ Next.js 16.4.5', '- Local:   http://x', ' ✓ Ready in 3s', '{"level":30,"msg":"ready"}'].map(isStartNote),
    ).toEqual([true, true, true, true]);
    expect(isStartNote('{"level":30,"msg":"not ready"}')).toBe(false);
    expect(isStartNote('Error: Ready in theory')).toBe(false);
  });
});
