import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { credentialsUrl, oneOf, port, postgres, readSettings, required, settingsIn, url } from './setting.ts';

/** What one setting says when it is read from this text. */
const reading = (A: z.ZodType, text?: string) => () => readSettings(z.object({ A }), { A: text }).A;

describe('a setting', () => {
  test.each([
    ['that is missing', required('a letter'), undefined, 'A is not set. It is a letter.'],
    ['of nothing but blanks', required('a letter'), ' ', 'A is not set. It is a letter.'],
    [
      'that is no address',
      url('https://a.example'),
      'javascript:alert(1)',
      'A must be a URL such as https://a.example.',
    ],
    ['that is no port', port(), '0x', 'A must be a port from 1 to 65535; it is "0x".'],
    ['beyond the last port', port(), '70000', 'A must be a port from 1 to 65535; it is "70000".'],
    ['that is another word', oneOf('on', 'off'), 'of', 'A must be one of on, off; it is "of".'],
    ['in the clear', credentialsUrl('https://a.example'), 'http://b.example', /^A must be https, or credentials would/],
    ['that only looks local', credentialsUrl('https://a.example'), 'http://localhost.example', /^A must be https/],
    ['without a password shown', postgres('it'), 'mysql://u:secret@h/d', /^A must be a URL such as postgres:[^m]+$/],
  ])('%s is named, with what it must be', (_, setting, text, sentence) => {
    expect(reading(setting, text)).toThrow(
      typeof sentence === 'string' ? new RegExp(`^${sentence.replace(/[.()]/g, '\\$&')}$`) : sentence,
    );
  });

  test('that is right is read', () => {
    expect(reading(url('https://a.example'), ' https://b.example/\n')()).toBe('https://b.example');
    expect(reading(port(), '4600')()).toBe(4600);
    expect(reading(credentialsUrl('https://a.example/'))()).toBe('https://a.example');
    expect(reading(credentialsUrl('https://a.example'), 'http://127.0.0.1:4603')()).toBe('http://127.0.0.1:4603');
    expect(reading(credentialsUrl('https://a.example'), 'http://[::1]:4603')()).toBe('http://[::1]:4603');
  });
});

test('all that is wrong is said at once, each in a line and once', () => {
  const one = z.object({ A: required('a letter'), B: port() });
  const other = z.object({ A: required('a letter') }).transform(() => ({}));
  expect(() => readSettings(one.and(other), { B: 'x' })).toThrow(
    /^A is not set\. It is a letter\.\nB must be a port from 1 to 65535; it is "x"\.$/,
  );
});

test('the names of what is read are known also where it is joined and made into something else', () => {
  const [one, other] = [z.object({ A: z.string() }), z.object({ B: z.string() })];
  expect(settingsIn(one.and(other.transform(({ B }) => ({ b: B }))).transform(({ A, b }) => A + b))).toEqual([
    'A',
    'B',
  ]);
  expect(() => settingsIn(z.string())).toThrow(TypeError);
});
