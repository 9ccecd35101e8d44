import { describe, expect, test } from 'vitest';
import { changeTable, equal, nameAndDescription, sameIds } from './changing.ts';

interface Kiosk {
  name: string;
  exactName: string;
  description: string | null;
  owner: { id: string } | null;
  shelves: string[];
}
interface Change {
  name?: string | undefined;
  description?: string | undefined;
  owner?: { id: string } | undefined;
  shelves?: string[] | undefined;
}

const watched = (key: string, value: string) => ({ key, subject: `The ${key}`, value, words: value });
const table = changeTable<Change, Kiosk>('kiosk', {
  ...nameAndDescription('kiosk', (kiosk: Kiosk) => kiosk),
  owner: {
    label: 'Owner',
    now: (kiosk) => kiosk.owner,
    said: (owner) => owner?.id ?? 'none',
    same: (asked, now) => sameIds([asked], [now]),
    watched: (kiosk) => watched('owner', kiosk.owner?.id ?? 'none'),
  },
  shelves: {
    label: 'Shelf',
    now: (kiosk) => kiosk.shelves,
    said: (shelves) => shelves ?? [],
    same: (asked, now) => equal(asked.join(), now.join()),
    watched: (kiosk) => watched('shelves', kiosk.shelves.join()),
  },
});
const kiosk: Kiosk = {
  name: 'Corner',
  exactName: 'Corner',
  description: null,
  owner: { id: 'P1' },
  shelves: ['maps', 'gum'],
};
const back = {
  tool: 'update_kiosk',
  input: (former: object) => ({ kiosk: { ...former } }),
  note: 'Puts it back.',
};

describe('a table of fields that can be changed', () => {
  test('takes a field that was not asked for as one that stays', () => {
    expect(table.differing({}, kiosk)).toEqual([]);
    expect(table.lines({ name: undefined }, kiosk)).toEqual([]);
  });

  test('tells which asked fields differ', () => {
    expect(table.differing({ name: ' Corner ', owner: { id: 'P1' }, shelves: ['gum', 'maps'] }, kiosk)).toEqual([
      'shelves',
    ]);
    expect(table.differing({ owner: { id: 'P1' } }, { ...kiosk, owner: null })).toEqual(['owner']);
    expect(table.differing({ description: '' }, kiosk)).toEqual([]);
  });

  test('says both values of every asked field, and lists line by line', () => {
    expect(table.lines({ owner: { id: 'P2' }, shelves: ['maps'] }, { ...kiosk, owner: null })).toEqual([
      { label: 'Owner', now: 'none', after: 'P2' },
      { label: 'Shelf 1', now: 'maps', after: 'maps' },
      { label: 'Shelf 2', now: 'gum', after: 'removed' },
    ]);
    expect(table.lines({ shelves: ['maps', 'gum', 'ice'] }, kiosk).at(-1)).toEqual({
      label: 'Shelf 3',
      now: null,
      after: 'ice',
    });
  });

  test('watches every field, whatever was asked for', () => {
    expect(table.watched(kiosk).map(({ key }) => key)).toEqual(['name', 'description', 'owner', 'shelves']);
  });

  test('tells agents no secret of a description that has changed', () => {
    const [, description] = table.watched({ ...kiosk, description: 'password=correct-horse' });
    expect(description).toMatchObject({ value: 'password=correct-horse', words: expect.not.stringContaining('horse') });
  });

  test('puts back what was asked for, and nothing else', () => {
    expect(table.undo({ name: 'Square' }, kiosk, back)).toEqual({
      possible: true,
      tool: 'update_kiosk',
      input: { kiosk: { name: 'Corner' } },
      complete: true,
      note: 'Puts it back.',
    });
  });

  test('says what it cannot put back', () => {
    const unowned = { ...kiosk, owner: null };
    expect(table.undo({ name: 'Square', owner: { id: 'P2' } }, unowned, back)).toMatchObject({
      input: { kiosk: { name: 'Corner' } },
      complete: false,
      note: 'Puts it back. What it had before cannot be asked for, and stays: owner.',
    });
    expect(table.undo({ owner: { id: 'P2' } }, unowned, back)).toEqual({
      possible: false,
      because: 'What the kiosk had before cannot be asked for: owner.',
    });
  });

  test('tells a lost call by its values, and that it was not applied only on proof', () => {
    const asked = { name: 'Corner', owner: { id: 'P2' } };
    expect(table.evidence({ name: 'Corner' }, kiosk, 'changed', { id: 'K' })).toEqual({
      applied: true,
      because: 'The kiosk has every value that was asked for.',
      result: { id: 'K' },
    });
    expect(table.evidence(asked, kiosk, 'changed', null)).toMatchObject({
      applied: null,
      because: expect.stringContaining('only some of the values'),
    });
    expect(table.evidence({ owner: { id: 'P2' } }, kiosk, 'untouched', null)).toMatchObject({
      applied: false,
      because: expect.stringContaining('none of the values'),
    });
  });

  test('lets a newer ask replace one for the same fields of the same thing only', () => {
    const key = table.supersedes('update_kiosk', { shelves: [], name: 'Square' }, 'K');
    expect(key).toBe('update_kiosk name+shelves K');
    expect(table.supersedes('update_kiosk', { name: 'Corner', shelves: ['ice'] }, 'K')).toBe(key);
    expect(table.supersedes('update_kiosk', { name: 'Corner' }, 'K')).not.toBe(key);
  });
});
