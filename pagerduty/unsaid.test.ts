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
      { path: 'team.parent', value: 'null' },
      { path: 'team.tags[0].id', value: 'P1' },
      { path: 'team.tags[0].on', value: 'true' },
    ]);
    expect(unsaid(null, summary)).toEqual([]);
  });

  test('shows hidden characters', () => {
    expect(leaves({ a: 'x\u202ey' })).toEqual([{ path: 'a', value: expect.stringMatching(/^x.*202e.*y$/i) }]);
  });
});
