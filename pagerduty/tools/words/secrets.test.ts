import { describe, expect, test } from 'vitest';
import { hasSecret, shareable, withoutContacts, withoutSecrets } from './secrets.ts';

const HEX = '0123456789abcdef0123456789abcdef';
const LONG = 400_000;

describe('what looks like a credential', () => {
  test.each([
    ['client_secret=abc123def456', 'abc123'],
    ['access_token: abc123def456', 'abc123'],
    ['db_password=correct-horse', 'horse'],
    ['aws_secret_access_key=wJalrXUtnFEMI/K7MDENG', 'wJalr'],
    ['authToken=abc123def456', 'abc123'],
    ['X-Api-Key: abc123def456', 'abc123'],
    ['{"dbPassword":"correct-horse"}', 'horse'],
    [JSON.stringify({ body: JSON.stringify({ client_secret: 'abc123def456' }) }), 'abc123'],
    [':api_key => "abc123def456"', 'abc123'],
    ['Authorization: Bearer abc123def456', 'abc123'],
    ['{"Authorization":"Basic dXNlcjpwdw=="}', 'dXNlc'],
    ['authorization=abc123def456', 'abc123'],
    ['curl -H Bearer abc123def456abc123def456', 'abc123'],
    [`service_key: ${HEX}`, HEX],
    [`integration_key=${HEX}`, HEX],
    ['https://user:hunter2@host.example/x', 'hunter2'],
    ['https://user:hun@ter2@host.example/x', 'ter2'],
    ['redis://:hunter2@cache:6379/0', 'hunter2'],
    [`https://${HEX}@errors.example/4`, HEX],
    [`webcal://northwind.example/private/${HEX}/feed/PABC`, HEX],
    [`https://northwind.example/private/${HEX}/feed`, HEX],
    ['AKIAABCDEFGHIJKLMNOP', 'AKIA'],
    ['xoxb-123456789012', '1234'],
    ['eyJhbGci.eyJzdWIi.c2ln', 'eyJ'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----', 'abc'],
  ])('%j is found and taken out', (text, secret) => {
    expect(hasSecret(text)).toBe(true);
    expect(withoutSecrets(text)).toContain('[redacted]');
    expect(withoutSecrets(text)).not.toContain(secret);
    expect(withoutSecrets(withoutSecrets(text))).toBe(withoutSecrets(text));
  });

  test.each([
    'the token bucket is full',
    'password reset mail',
    'secret santa',
    'Card provider rotated its signing key',
    'Password: see the vault',
    'max_tokens=4096000',
    'primary key: customer_id',
    'Authorization: required for all of prod',
    'Runs basic functionality tests, and the bearer pays.',
    'https://runbooks.northwind.example:8443/private/notes?to=dana@example',
    'https://chat.example/@northwind and https://host.example:8080/a',
    'ssh://git@code.northwind.example/checkout',
  ])('%j is harmless', (text) => {
    expect(withoutSecrets(text)).toBe(text);
    expect(hasSecret(text)).toBe(false);
  });
});

describe('contact data', () => {
  test.each([
    'dana.whitfield+oncall@northwind.example',
    'dana@mail.163.com',
    'jörg@northwind.example',
    'dana%40northwind.example',
  ])('the mail address %j is taken out', (mail) => {
    expect(withoutContacts(`Ask ${mail}, or <${mail}>.`)).toBe('Ask [mail address], or <[mail address]>.');
  });

  test.each([
    '+49 30 1234567',
    '+49 (0)30 123-4567',
    '+14155550132',
    '+1 (415) 555-0132',
    '0049 30 1234567',
    '(415) 555-0132',
    '415-555-0132',
    '1-415-555-0132',
    '030 1234567',
    '020 7946 0958',
    '(0800) 123 4567',
    '01632/960123',
    '06 12345678',
    '01 23 45 67 89',
  ])('the phone number %j is taken out', (phone) => {
    expect(withoutContacts(`Call ${phone}.`)).toBe('Call [phone number].');
    expect(withoutContacts(`Call ${phone}, then wait`)).toBe('Call [phone number], then wait');
    expect(withoutContacts(`{"who":"${phone}"}`)).toBe('{"who":"[phone number]"}');
  });

  test('a number that is called a phone number needs no form', () => {
    expect(withoutContacts('{"contactPhone":"4155550132"}')).toBe('{"contactPhone":"[phone number]"}');
    expect(withoutContacts('tel: 4155550132')).toBe('tel: [phone number]');
  });

  test.each([
    'Incident #4821 and #48211234, northwind-4821-1, PSCHKOT, 01JDCKT5192DEPLOYCHECKOUT0',
    '2026-11-23T13:44:00Z, 2026-11-23T13:44:00+01:00, 2026-11-23 14:00:05, 23.11.2026 14:00, 01-02-2026 14:00',
    '0930 1000 requests at 09:30 and 0930-1000, mobile 2026-11-23 14:00',
    'epoch 1795441440, 1795441440000 ms, 12 345 678 bytes, 1,234,567, 200 404 5000',
    '10.0.0.12, 192.168.100.12:8443, mobile 192.168.100.12, 2001:db8::1, 00:1b:44:11:3a:b7',
    'checkout 5.19.2, lodash@4.17.21, checkout@v1.2.3-rc.beta, 2026.11.23.1',
    '550e8400-e29b-41d4-a716-446655440000, 0123456789abcdef, sha256:0123456789012345',
    'https://ci.northwind.example/builds/415-555-0132 and /2026/0312 123456/',
    'took 11520 s, normal is 2400 s, 0.05, +12.5 %, +5000 requests, 007 bonds',
    'sam@host and @channel',
  ])('%j holds none', (text) => {
    expect(withoutContacts(text)).toBe(text);
  });

  test('secrets are taken out before mail addresses', () => {
    expect(shareable('https://user:hunter2@host.example/ of dana@northwind.example')).toBe(
      'https://[redacted]@host.example/ of [mail address]',
    );
  });
});

// A pattern that looks back and forth would need minutes for these, and the test would run into its time limit.
describe('long texts', () => {
  test.each(
    [
      'a',
      'a-',
      '-eyJ',
      'eyJa.',
      'token',
      'token ',
      'token"',
      'secret_',
      'a.',
      'a@',
      'a@a.',
      '%40',
      'a%40b',
      '://',
      '://a:',
    ].concat(
      [
        '/private/',
        '/private/a',
        '0',
        '1 ',
        '+1 ',
        '01 ',
        '030 ',
        '(0',
        'phone ',
        'phone:1',
        'authorization ',
        'bearer ',
      ],
      [
        '-----BEGIN ',
        '-----END ',
        '-----BEGIN PRIVATE KEY-----',
        'sk-',
        'authorization:a',
        'bearer\ta',
        '://@',
        'api_',
      ],
    ),
  )('of %j take no time worth mentioning', (piece) => {
    const text = piece.repeat(LONG / piece.length);
    expect(shareable(text).length).toBeGreaterThan(0);
    expect(hasSecret(`${text} !`)).toBeTypeOf('boolean');
  });
});
