import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findings } from '#pagerduty/visible-text.ts';
import { hostileText } from '../testing/requests.ts';
import { counted, cut, date, escaped, lines, mentions, names, oneLine, plain } from './text.ts';

const LOST = { name: 'Lost', slackUserId: null, personId: 'p9' };

describe('a text', () => {
  test('that is too long is cut between characters', () => {
    expect(cut('abcdef', 7)).toBe('abcdef');
    expect(cut('abcdef', 5)).toBe('abcd…');
    expect(cut('😀😀😀', 4)).toBe('😀…');
  });

  test('has Slack’s three characters escaped once, never half', () => {
    expect(escaped('a < b & c > d', 100)).toBe('a &lt; b &amp; c &gt; d');
    expect(escaped('&amp;', 100)).toBe('&amp;amp;');
    expect(escaped('<<<<', 10)).toBe('&lt;&lt;…');
  });

  test('outside of rich_text knows no markup, emoji or hidden characters', () => {
    expect(plain('*a* :tada: <@U1>\u202e', 100)).toEqual({
      type: 'plain_text',
      text: '*a* :tada: &lt;@U1&gt;\\u{202e}',
      emoji: false,
    });
    expect(plain('', 100).text).toBe('…');
    expect(plain('1\n2\n3\n4\n5', 100).text).toBe('1\n2\n3\n4\n… [1 more lines]');
    expect(plain('1\n2\n3\n4\n5', 100, 5).text).toBe('1\n2\n3\n4\n5');
  });

  test('on one line keeps what was hidden in its breaks visible', () => {
    expect(oneLine('a\n\n\tb\r\nc\u2028d\ufeff', 100)).toBe('a b c\\u{2028}d\\u{feff}');
  });

  test('stays within its limit, whole characters only, whatever it is', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 20, max: 300 }), (text, most) => {
        expect(plain(text, most).text.length).toBeLessThanOrEqual(most);
        expect(oneLine(text, most)).not.toContain('\n');
        const shown = lines(text, most, 4);
        expect(shown.split('\n').length).toBeLessThanOrEqual(5);
        expect(shown.length).toBeLessThanOrEqual(2900);
        const hidden = [...findings(shown), ...findings(plain(text, most).text), ...findings(oneLine(text, most))];
        expect(hidden.filter((finding) => !finding.includes('alphabets'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('people', () => {
  test('are named, the tenth as the last', () => {
    expect(names([{ name: 'A\nB' }, { name: '' }])).toBe('A B, …');
    expect(names(Array.from({ length: 11 }, (_, index) => ({ name: `P${index}` })))).toMatch(/P9 and 1 more$/);
  });

  test('are mentioned by an id of Slack’s only', () => {
    const known = { ...LOST, slackUserId: 'W12345678' };
    expect(mentions([known, LOST])).toEqual({ mentioned: '<@W12345678>', named: 'Lost' });
    expect(mentions([])).toEqual({ mentioned: '', named: '' });
  });
});

test('a moment is shown on the reader’s clock, else as it is', () => {
  expect(date(new Date('2026-11-22T14:13:00.900Z'), '{time}')).toBe(
    '<!date^1795356780^{time}|2026-11-22T14:13:00.900Z>',
  );
});

test('one is not many', () => {
  expect([0, 1, 2].map((count) => counted(count, 'waits', 'wait'))).toEqual(['0 wait', '1 waits', '2 wait']);
});
