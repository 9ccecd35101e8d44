import { describe, expect, test } from 'vitest';
import type { Watched } from '../../write-tool.ts';
import { no, nothingElse, stateOf, stillHolds } from './watching.ts';

const item = (key: string, value: string, words = `"${value}"`): Watched => ({
  key,
  subject: `The ${key}`,
  value,
  words,
});
/** A tool that watches whatever was read. */
const plain = { watched: (_input: null, before: Watched[]) => before, alsoHolds: nothingElse };
const compared = (before: Watched[], now: Watched[]) => stillHolds(plain, null, before, now);

describe('what is watched', () => {
  test('is what is digested, by its keys', () => {
    expect(stateOf(plain, null, [item('name', 'a'), item('team', 'b')])).toEqual({ name: 'a', team: 'b' });
  });

  test('holds as long as nothing differs, whatever its words and the order of its keys', () => {
    const one = { ...item('rule', ''), value: { a: 1, b: 2 } };
    const again = { ...one, value: { b: 2, a: 1 }, words: 'otherwise' };
    expect(compared([one, item('name', 'a')], [item('name', 'a'), again])).toEqual({ holds: true });
  });

  test('says the first difference in words', () => {
    expect(compared([item('name', 'a'), item('team', 'b')], [item('name', 'a'), item('team', 'c')])).toEqual({
      holds: false,
      because: 'The team was "b" when this was shown and is "c" now.',
    });
  });

  test('does not say that something was what it is, where the words cannot show the difference', () => {
    expect(compared([item('note', 'a1', '"a…"')], [item('note', 'a2', '"a…"')])).toEqual({
      holds: false,
      because: 'The note was changed in a part that is not shown.',
    });
  });

  test('holds no longer when something is gone, or came', () => {
    const [name, team] = [item('name', 'a'), item('team', 'b')];
    expect(compared([name, team], [name])).toEqual({
      holds: false,
      because: 'The team was "b" when this was shown and can no longer be read.',
    });
    expect(compared([name], [name, team])).toEqual({
      holds: false,
      because: 'The team is "b" now and was not there when this was shown.',
    });
  });

  test('is asked for before what else must hold', () => {
    const tool = { ...plain, alsoHolds: () => no('It began meanwhile.') };
    expect(stillHolds(tool, null, [item('name', 'a')], [item('name', 'b')])).toMatchObject({
      because: expect.stringContaining('The name was'),
    });
    expect(stillHolds(tool, null, [item('name', 'a')], [item('name', 'a')])).toEqual(no('It began meanwhile.'));
  });
});
