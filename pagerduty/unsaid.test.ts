import { describe, expect, test } from 'vitest';
import { leaves, unsaid } from './unsaid.ts';

const summary = {
  title: 'Change the team "Data"',
  target: 'Data',
  services: [],
  lines: [{ label: 'Name', now: 'Data', after: 'Data and Mail' }],
  effect: { known: true, lines: ['Pages nobody.'] },
};

describe('what a card would not say', () => {
  test('is every value of the call that is in no line of the summary', () => {
    const body = { team: { type: 'team', name: 'Data and Mail', parent: null, tags: [{ id: 'P1', on: true }] } };
    expect(unsaid(body, summary)).toEqual([
      { path: 'team.type', value: 'team' },
      { path: 'team.parent', value: 'null' },
      { path: 'team.tags[0].id', value: 'P1' },
      { path: 'team.tags[0].on', value: 'true' },
    ]);
    expect(unsaid(null, summary)).toEqual([]);
  });

  test('is not shortened by an agent that puts ids into its own words', () => {
    const talkative = {
      ...summary,
      title: 'Change PSPAYMT',
      lines: [{ label: 'Note', now: null, after: 'PSPAYMT' + ' is down' }],
    };
    expect(unsaid({ service: 'PSPAYMT' }, talkative)).toEqual([{ path: 'service', value: 'PSPAYMT' }]);
  });

  test('names what erases: an empty text, list or object', () => {
    expect(unsaid({ a: '', b: [], c: {} }, summary).map(({ value }) => value)).toEqual([
      '(empty text)',
      '(empty list)',
      '(nothing)',
    ]);
  });

  test('shows hidden characters', () => {
    expect(leaves({ a: 'x\u202ey' })).toEqual([{ path: 'a', value: expect.stringMatching(/^x.*202e.*y$/i) }]);
  });
});
