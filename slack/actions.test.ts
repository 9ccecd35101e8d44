import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { view } from './testing/requests.ts';
import { ACTIONS, pointer, readPointer, VIEWS } from './view/actions.ts';

const good = { id: view.id, v: 3, d: view.digest };
const read = (json: unknown) => readPointer(JSON.stringify(json));

describe('a pointer', () => {
  test('comes back as it went out', () => {
    expect(pointer({ ...view, version: 3 })).toBe(`{"id":"${view.id}","v":3,"d":"${view.digest}"}`);
    expect(readPointer(pointer({ ...view, version: 3 }))).toEqual({
      requestId: view.id,
      version: 3,
      digest: view.digest,
    });
  });

  test('carries nothing but which request, version and digest', () => {
    expect(Object.keys(JSON.parse(pointer(view)))).toEqual(['id', 'v', 'd']);
  });

  test.each([
    ['another id', { ...good, id: 'req_0123456789abcdefghjkmnpqrs' }],
    ['a short id', { ...good, id: 'apr_0123' }],
    ['an id with more around it', { ...good, id: ` ${view.id}` }],
    ['an id in capitals', { ...good, id: view.id.toUpperCase() }],
    ['version 0', { ...good, v: 0 }],
    ['a broken version', { ...good, v: 1.5 }],
    ['a version in words', { ...good, v: '1' }],
    ['a part of a digest', { ...good, d: view.digest.slice(0, 16) }],
    ['a digest that is none', { ...good, d: 'g'.repeat(64) }],
    ['a member too many', { ...good, approve: true }],
    ['a member too few', { id: view.id, v: 1 }],
    ['a list', [good]],
    ['nothing', null],
  ])('is not read from %s', (_, json) => {
    expect(read(json)).toBeNull();
  });

  test('is read from no other text, and never throws', () => {
    expect(readPointer(undefined)).toBeNull();
    expect(readPointer('')).toBeNull();
    expect(readPointer('{')).toBeNull();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readPointer(text)).toBeNull();
      }),
    );
  });
});

test('actions and views each have an id of their own', () => {
  const ids = [...Object.values(ACTIONS), ...Object.values(VIEWS)];
  expect(new Set(ids).size).toBe(ids.length);
});
