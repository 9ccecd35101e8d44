import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorText, type PagerDutyErrorKind, parseError } from './errors.ts';

const body = (value: unknown) => JSON.stringify(value);

describe('errorText', () => {
  test.each([
    [{ error: { message: 'Not Found', code: 2100 } }, { said: 'Not Found', code: 2100 }],
    [
      { error: { message: 'Invalid Input Provided', code: '2001', errors: ['Title cannot be empty.'] } },
      { said: 'Invalid Input Provided – Title cannot be empty.', code: 2001 },
    ],
    [{ error: { message: 'Invalid', errors: 'Name taken' } }, { said: 'Invalid – Name taken', code: null }],
    [{ error: { message: null, code: null, errors: { name: ['is taken'] } } }, { said: 'name: is taken', code: null }],
    [{ error: 'An account-level token was used.' }, { said: 'An account-level token was used.', code: null }],
    [{ errors: ['One', 'Two'] }, { said: 'One – Two', code: null }],
    [{}, { said: null, code: null }],
    [[], { said: null, code: null }],
  ])('reads %j', (value, expected) => {
    expect(errorText(body(value))).toEqual(expected);
  });

  test('takes pages of HTML, empty and broken bodies for silence', () => {
    for (const text of ['<html>429</html>', '', '{"error":', 'null', '7']) {
      expect(errorText(text)).toEqual({ said: null, code: null });
    }
  });

  test('never throws, whatever PagerDuty sends', () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => typeof errorText(text) === 'object'));
    fc.assert(fc.property(fc.jsonValue(), (error) => typeof errorText(body({ error, errors: error })) === 'object'));
  });

  test('shows hidden characters as text and keeps it short', () => {
    const { said } = errorText(body({ error: { message: `a\u202e${'x'.repeat(5_000)}` } }));
    expect(said).toMatch(/^a\\u\{202e\}x+… \[\d+ more characters\]$/);
    expect(said?.length).toBeLessThan(400);
  });
});

describe('parseError', () => {
  test.each<[number, PagerDutyErrorKind]>([
    [400, 'invalid'],
    [401, 'unauthorized'],
    [402, 'forbidden'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'unavailable'],
    [409, 'invalid'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [302, 'unexpected'],
  ])('takes %i for %s', (status, kind) => {
    expect(parseError(status, '', {})).toMatchObject({ kind, status });
  });

  test('says what PagerDuty said and when to come back', () => {
    const error = parseError(429, body({ error: { message: 'Rate Limit Exceeded', code: 2020 } }), {
      'ratelimit-reset': '7',
    });
    expect(error.message).toBe('PagerDuty asks to slow down (rate limit). It says: "Rate Limit Exceeded"');
    expect(error).toMatchObject({ code: 2020, retryAfterSeconds: 7 });
    expect(parseError(429, '<html>', { 'retry-after': '9' }).retryAfterSeconds).toBe(9);
    expect(parseError(429, '<html>', {}).retryAfterSeconds).toBeNull();
  });
});
