import { afterEach, describe, expect, test, vi } from 'vitest';
import { outside } from './documents.ts';

const here = import.meta.filename;
const look = () => outside('The atlas', 'COUNTERSIGN_TEST_ATLAS', 'nowhere/atlas.json');

describe('a document from outside this repository', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('is taken from the place that is named', () => {
    vi.stubEnv('COUNTERSIGN_TEST_ATLAS', here);
    expect(look()).toEqual({ path: here, needed: { skip: false, meta: {} } });
  });

  test('leads to skipped tests and a sentence where nobody named a place', () => {
    const lacks = 'The atlas is not at ../nowhere/atlas.json, and COUNTERSIGN_TEST_ATLAS names no other place.';
    expect(look()).toEqual({ path: null, needed: { skip: true, meta: { lacks } } });
  });

  test('is an error where it was named and is missing', () => {
    vi.stubEnv('COUNTERSIGN_TEST_ATLAS', `${here}.gone`);
    expect(look).toThrow(`COUNTERSIGN_TEST_ATLAS is ${here}.gone, but there is no such file.`);
  });
});
