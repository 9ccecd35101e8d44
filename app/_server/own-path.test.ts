import { describe, expect, test } from 'vitest';
import { isOwnPath, signInPath } from './own-path.ts';

const REQUEST = `/r/apr_${'0'.repeat(26)}`;
const STEP_UP = `/step-up/csh_${'a9'.repeat(26)}`;
const LINK = `/link/slack/csk_${'z'.repeat(52)}`;

describe('what somebody came for', () => {
  test.each([REQUEST, STEP_UP, LINK])('is kept while they sign in: %s', (path) => {
    expect(isOwnPath(path)).toBe(true);
    const kept = new URL(signInPath(path), 'https://countersign.example');
    expect(kept.pathname).toBe('/sign-in');
    expect([...kept.searchParams]).toEqual([['next', path]]);
  });

  test.each([
    ['nothing', ''],
    ['another page of ours', '/queue'],
    ['a door', '/api/session/end'],
    ['a door behind a request', `${REQUEST}/../../api/session/end`],
    ['a full URL', `https://evil.example${STEP_UP}`],
    ['our own full URL', `https://countersign.example${STEP_UP}`],
    ['a URL without a scheme', `//evil.example${STEP_UP}`],
    ['a host behind a backslash', `/\\evil.example${STEP_UP}`],
    ['a host behind two backslashes', `\\\\evil.example${STEP_UP}`],
    ['a host behind a tab', `/\t/evil.example${STEP_UP}`],
    ['a script', `javascript:alert(1)//${STEP_UP}`],
    ['a path after a space', ` ${STEP_UP}`],
    ['a path with a line after it', `${STEP_UP}\n`],
    ['a path on the second line', `https://evil.example\n${STEP_UP}`],
    ['a header', `${STEP_UP}\r\nset-cookie: countersign=css_evil`],
    ['another attribute of the cookie', `${STEP_UP}; Domain=example`],
    ['a query', `${STEP_UP}?next=//evil.example`],
    ['a fragment', `${STEP_UP}#x`],
    ['a slash at the end', `${STEP_UP}/`],
    ['two slashes within', STEP_UP.replace('/csh_', '//csh_')],
    ['an escape', STEP_UP.replace('/step-up', '%2fstep-up')],
    ['an escaped letter', STEP_UP.replace('csh_', '%63sh_')],
    ['a shorter token', STEP_UP.slice(0, -1)],
    ['a longer token', `${STEP_UP}a`],
    ['capital letters', STEP_UP.toUpperCase()],
    ['a letter that only looks the same', STEP_UP.replace('a9', 'а9')],
    ['the token of another kind of link', STEP_UP.replace('csh_', 'csk_')],
    ['the id of a request in the place of a token', REQUEST.replace('/r/', '/step-up/')],
  ])('is forgotten where it is %s', (_what, path) => {
    expect(isOwnPath(path)).toBe(false);
    expect(signInPath(path)).toBe('/sign-in');
  });

  test.each([undefined, null, 7, [STEP_UP], { toString: () => STEP_UP }])(
    'is forgotten where it is no text: %j',
    (path) => {
      expect(isOwnPath(path)).toBe(false);
    },
  );
});
