import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'role', 'v', 'stack']);
const LEVELS: Record<number, string> = { 40: 'warning: ', 50: 'error: ', 60: 'fatal: ' };

function clock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

function parseRecord(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null;
  } catch {
    return null;
  }
}

/** One line of a role as a human reads it: a log record becomes `HH:MM:SS role  message name=value`. */
export function readableLine(role: string, line: string, now: Date): string {
  const record = parseRecord(line);
  if (record === null || typeof record.msg !== 'string') return `${clock(now)} ${role.padEnd(9)} ${line}`;
  const time = typeof record.time === 'number' ? new Date(record.time) : now;
  const level = typeof record.level === 'number' ? (LEVELS[record.level] ?? '') : '';
  const fields = Object.entries(record)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${clock(time)} ${role.padEnd(9)} ${level}${record.msg}${fields.join('')}`;
}

const NEXT_BANNER = /^\s*(▲ Next\.js|- (Local|Network):|✓ (Ready in|Running next\.config))/;

/** Whether a role only says that it has started, which the supervisor says itself. */
export function isStartNote(line: string): boolean {
  return NEXT_BANNER.test(line) || parseRecord(line)?.msg === 'ready';
}

/** Hands on each line that has something in it. */
export function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream === null) return;
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    if (line.trim() !== '') take(line);
  });
}
