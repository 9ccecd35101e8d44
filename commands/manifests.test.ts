import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { manifest } from '#slack/manifest.ts';
import { EXAMPLE_ORIGIN, manifestFiles } from './manifests.ts';

describe('the manifests of the Slack app', () => {
  test('are what "npm run slack:manifest" would write now', () => {
    for (const [name, text] of manifestFiles()) {
      expect(readFileSync(join(import.meta.dirname, '..', 'docs', 'slack', name), 'utf8'), name).toBe(text);
    }
  });

  test('say in YAML what the typed object says', () => {
    expect(parse(manifestFiles().get('manifest.yaml') ?? '')).toEqual(manifest(EXAMPLE_ORIGIN));
    expect(parse(manifestFiles().get('manifest-socket-mode.yaml') ?? '')).toEqual(manifest(null));
  });

  test('ask for no right to read what people write', () => {
    const scopes = manifest(null).oauth_config?.scopes?.bot ?? [];
    expect(scopes.filter((scope) => /history|:read$/.test(scope))).toEqual(['users:read']);
  });

  test('name an address everywhere or nowhere', () => {
    expect(JSON.stringify(manifest(null))).not.toContain('http');
    expect(JSON.stringify(manifest('https://a.example')).match(/https:\/\/a\.example\/slack\/events/g)).toHaveLength(3);
  });
});
