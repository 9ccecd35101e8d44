import { describe, expect, test } from 'vitest';
import {
  addressForAgents,
  destinationProblem,
  hostForAgents,
  isNumeric,
  isShownWhole,
  sameAddress,
} from './destination.ts';

describe('the address of a webhook', () => {
  test.each([
    ['https://hooks.northwind.example/in?key=1', null],
    ['https://hooks.northwind.example:8443/in', null],
    ['https://8.8.8.8/in', null],
    ['https://[2606:4700::1111]/in', null],
    ['hooks.northwind.example', /not a URL/],
    ['http://hooks.northwind.example/', /begin with https/],
    ['ftp://hooks.northwind.example/', /begin with https/],
    ['https://user:word@hooks.northwind.example/', /user name/],
    ['https://@hooks.northwind.example/', /user name/],
    ['https://hooks.northwind.example\\@evil.example/', /backslashes/],
    ['https://hooks.north\nwind.example/', /spaces/],
    [' https://hooks.northwind.example/', /spaces/],
    ['https://hοoks.northwind.example/', /ASCII/],
    ['https://hooks.northwind.example/#in', /fragment/],
  ])('%j is judged by its form', (url, problem) => {
    if (problem === null) expect(destinationProblem(url)).toBeNull();
    else expect(destinationProblem(url)).toMatch(problem);
  });

  test.each([
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    'intranet',
    'db.internal',
    'printer.local',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:10.0.0.1]',
    '[fd00::1]',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ])('must not be the private host %s', (host) => {
    expect(destinationProblem(`https://${host}/in`)).toMatch(/private network/);
  });

  test('shows agents nothing of the query and of parts that look random', () => {
    expect(addressForAgents('https://hooks.example/services/T00000000/aB3dE5gH7jK9mN1pQ3sT5vX7?key=1')).toBe(
      'https://hooks.example/services/T00000000/…?…',
    );
    expect(addressForAgents('https://hooks.example/payments-incident-forwarder')).toBe(
      'https://hooks.example/payments-incident-forwarder',
    );
    expect(addressForAgents('https://user:word@hooks.example/in')).toBe('https://hooks.example/in');
    expect(addressForAgents('nothing')).toBe('[not a URL]');
  });

  test.each([
    ['https://hooks.example/in/abcdefgh12345678', 'https://hooks.example/in/…'],
    ['https://hooks.example/in/aB3dE5gH7jK9mN1pQ3s/x', 'https://hooks.example/in/…/x'],
    ['https://hooks.example/in/abcd-1234-efgh-5678', 'https://hooks.example/in/…'],
    ['https://hooks.example/token=a1b2c3d4', 'https://hooks.example/[redacted]'],
    ['https://eo3k2j4h5k3abcd.in.example/x', 'https://….in.example/x'],
    ['https://0123abcd-4567-89ef-0123-456789abcdef.in.example:8443/', 'https://….in.example:8443/'],
    ['https://northwindparcelservice.example/', 'https://northwindparcelservice.example/'],
    ['https://203.113.25.107/', 'https://203.113.25.107/'],
  ])('of %j shows agents no key', (url, shown) => {
    expect(addressForAgents(url)).toBe(shown);
    expect(isShownWhole(url)).toBe(url === shown);
    expect(shown).toContain(hostForAgents(url));
  });

  test('is shown whole when PagerDuty only writes it in another way', () => {
    expect(isShownWhole('https://hooks.example')).toBe(true);
    expect(isShownWhole('https://HOOKS.example:443/in')).toBe(true);
    expect(isShownWhole('https://user:word@hooks.example/in')).toBe(false);
    expect(isShownWhole('https://hooks.example/in?key=1')).toBe(false);
    expect(isShownWhole('nothing')).toBe(false);
  });

  test('is the same however PagerDuty writes it', () => {
    expect(sameAddress('https://HOOKS.example:443', 'https://hooks.example/')).toBe(true);
    expect(sameAddress('https://hooks.example/a', 'https://hooks.example/b')).toBe(false);
    expect(isNumeric('https://8.8.8.8/')).toBe(true);
    expect(isNumeric('https://hooks.example/')).toBe(false);
  });
});
