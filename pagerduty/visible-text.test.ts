import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findings, reveal, visible } from './visible-text.ts';

// Every kind of character that a reader cannot see, and enough ordinary ones around them.
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\u202e',
        '\u2066',
        '\u200b',
        '\u2060',
        '\ufeff',
        '\u{e0041}',
        '\u00ad',
        '\u034f',
        '\u3164',
        '\ufe0f',
      ),
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        '\t',
        '\u2028',
        '\u0000',
        '\u001b[31m',
        '\ud800',
        '\udfff',
        '\ue000',
        '\u{f0000}',
      ),
    ),
  )
  .map((parts) => parts.join(''));

/** What may not survive: control, format, unassigned, private, surrogate and invisible characters, new lines aside. */
const hidden = /[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]|[^\P{Cc}\n\t]/u;

describe('reveal', () => {
  test('lets no hidden character through', () => {
    fc.assert(fc.property(hostile, (text) => !hidden.test(reveal(text))));
  });

  test('changes nothing more when it is applied again', () => {
    fc.assert(fc.property(hostile, (text) => reveal(reveal(text)) === reveal(text)));
  });

  test('changes nothing that a reader can see', () => {
    const seen = 'Priya Raman – Tomáš Novák, 東京, العربية, 5 % → ok\n\tindented 👍';
    expect(reveal(seen)).toBe(seen);
  });

  test('says which character was hidden', () => {
    expect(reveal('a\u202eb\u{e0041}c\u0007')).toBe('a\\u{202e}b\\u{e0041}c\\u{7}');
  });
});

describe('visible', () => {
  const bounds = fc.record({
    maxCharacters: fc.integer({ min: 1, max: 300 }),
    maxLines: fc.integer({ min: 1, max: 12 }),
  });

  test('lets no hidden character through and keeps to its bounds', () => {
    fc.assert(
      fc.property(hostile, bounds, (text, options) => {
        const shown = visible(text, options).text;
        expect(shown).not.toMatch(hidden);
        // The note about what was cut comes on top.
        expect(Array.from(shown).length).toBeLessThanOrEqual(options.maxCharacters + 40);
        expect(shown.split('\n').length).toBeLessThanOrEqual(options.maxLines + 1);
      }),
    );
  });

  test('changes nothing more when it is applied again to what fits', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const wide = { maxCharacters: 1_000_000, maxLines: 1_000_000 };
        const { text: once } = visible(text, wide);
        expect(visible(once, wide)).toEqual({ text: once, findings: findings(once) });
      }),
    );
  });

  test('cuts long and many lines and says so', () => {
    expect(visible('x'.repeat(12), { maxCharacters: 10 })).toEqual({
      text: 'xxxxxxxxxx… [2 more characters]',
      findings: ['Is longer than what is shown.'],
    });
    expect(visible('a\nb\nc\nd', { maxLines: 2 }).text).toBe('a\nb\n… [2 more lines]');
    expect(visible('a\n \n\n\t\nb').text).toBe('a\n\nb');
  });

  test('counts characters, never halves of them', () => {
    expect(visible('👍👍👍', { maxCharacters: 2 }).text).toBe('👍👍… [1 more characters]');
  });
});

describe('findings', () => {
  test.each([
    ['\u202eevil', 'Contains characters that reorder text (bidirectional controls).'],
    ['\u{e0049}\u{e0067}', 'Contains invisible tag characters, which can carry hidden instructions.'],
    ['a\u200bb', 'Contains zero-width or other invisible characters.'],
    ['a\u3164b', 'Contains zero-width or other invisible characters.'],
    ['a\u0008b', 'Contains control characters.'],
    ['a\ue000b', 'Contains unassigned or private characters.'],
    ['\u001b[31mred', 'Contains terminal escape sequences.'],
    ['pаypal', 'Mixes alphabets whose letters look alike.'],
  ])('of %j name it', (text, finding) => {
    expect(findings(text)).toContain(finding);
  });

  test('are none for ordinary text', () => {
    expect(findings('Checkout 5xx above 5 %\n\tsince 13:50 – Tomáš')).toEqual([]);
  });
});
