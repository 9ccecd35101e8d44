import { describe, expect, test } from 'vitest';
import { findAmbiguity } from './strict-json.ts';

describe('JSON text that two readers could understand differently', () => {
  test.each([
    ['{"a":1,"a":2}', 'The key "a" is given twice. Give it once.'],
    ['{"a":[1],"a":2}', 'The key "a" is given twice. Give it once.'],
    ['{"a":{"b":[{}]},"a":2}', 'The key "a" is given twice. Give it once.'],
    ['[{"b":[{"a":1,"\\u0061":2}]}]', 'The key "a" is given twice. Give it once.'],
    ['{"__proto__":{}}', 'The key "__proto__" is not accepted.'],
    ['{"\\u005f_proto__":{}}', 'The key "__proto__" is not accepted.'],
    ['[9007199254740993]', 'The number 9007199254740993 is too large to be kept exactly. Give it as a string.'],
    ['[-1e400]', 'The number -1e400 is too large to be kept exactly. Give it as a string.'],
    ['{"a":"x\\u0000y"}', 'The text holds the character U+0000, which cannot be stored.'],
    ['{"x\\u0000":1}', 'The text holds the character U+0000, which cannot be stored.'],
    ['['.repeat(65) + ']'.repeat(65), 'The JSON is nested deeper than 64 levels.'],
  ])('is refused: %s', (text, because) => {
    JSON.parse(text);
    expect(findAmbiguity(text)).toBe(because);
  });

  test.each([
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '["a","a","a"]',
    '{"a":"b","b":"a","c":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"\\\\u0000","n":[0.1,-5,1e3,9007199254740991]}',
    '['.repeat(64) + ']'.repeat(64),
    'null',
  ])('is not seen in %s', (text) => {
    JSON.parse(text);
    expect(findAmbiguity(text)).toBeNull();
  });
});
