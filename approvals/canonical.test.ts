import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#pagerduty/json.ts';
import { bodyText, canonicalText, digestOf, parseStrictJson, shownFrom } from './canonical.ts';

const json = fc
  .jsonValue({ noUnicodeString: false, maxDepth: 4 })
  .filter((value) => JSON.stringify(value).isWellFormed()) as fc.Arbitrary<Json>;

describe('canonical text', () => {
  test('does not depend on the order in which keys were given', () => {
    expect(canonicalText({ b: 1, a: { d: 2, c: [3] } })).toBe('{"a":{"c":[3],"d":2},"b":1}');
  });

  test('is stable: reading it and writing it again gives the same bytes', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalText(value);
        expect(canonicalText(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('differs whenever the value differs, and so does the digest', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const same = canonicalText(one) === canonicalText(other);
        expect(digestOf(canonicalText(one)) === digestOf(canonicalText(other))).toBe(same);
        if (!same) expect(JSON.parse(canonicalText(one))).not.toEqual(JSON.parse(canonicalText(other)));
      }),
    );
  });

  test('refuses what has no exact form', () => {
    expect(() => canonicalText({ a: '\ud800' })).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => canonicalText({ a: Number.NaN })).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => canonicalText(undefined)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  test('gives the HTTP body the bytes that stand in the text that was shown', () => {
    const shown = {
      tool: 't',
      toolVersion: 1,
      input: {},
      call: { method: 'PUT', path: '/x', body: { z: 1, a: 'é' } },
      before: {},
    };
    const text = canonicalText(shown);
    const body = bodyText(shownFrom(text).call.body);
    expect(body).toBe('{"a":"é","z":1}');
    expect(text).toContain(`"body":${body}`);
    expect(bodyText(null)).toBeNull();
  });
});

describe('strict JSON', () => {
  test.each([
    ['the same key twice', '{"a":1,"a":2}', /"a" is given twice/],
    ['the same key twice, one escaped', '{"a":1,"\\u0061":2}', /is given twice/],
    ['the same key twice, deep inside', '{"x":[{"a":{"b":1,"b":1}}]}', /"b" is given twice/],
    ['__proto__', '{"__proto__":{"a":1}}', /__proto__/],
    ['an integer beyond 2^53', '{"a":9007199254740993}', /too large/],
    ['an integer beyond 2^53 in exponent form', '[1e300]', /too large/],
    ['half a surrogate pair', '{"a":"\\ud83d"}', /surrogate/],
    ['half a surrogate pair as a key', '{"\\ud83d":1}', /surrogate/],
    ['a character PostgreSQL cannot store', '{"a":"x\\u0000"}', /U\+0000/],
    ['what is not JSON', '{"a":}', /not valid JSON/],
  ])('refuses %s', (_, text, sentence) => {
    expect(() => parseStrictJson(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringMatching(sentence) }),
    );
  });

  test('accepts the same key in different objects, and strings that look like keys', () => {
    const text = '[{"a":"a"},{"a":["a","a"]},{"b":{"a":1},"a":"{\\"a\\":1,\\"a\\":2}"}]';
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  test('accepts whatever JSON.stringify writes, unchanged', () => {
    const safe = json.filter((value) => !/__proto__|\\u0000/.test(JSON.stringify(value)) && !hasLargeInteger(value));
    fc.assert(
      fc.property(safe, (value) => {
        expect(parseStrictJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

function hasLargeInteger(value: Json): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some(hasLargeInteger);
}
