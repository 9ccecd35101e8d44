import { stringify } from 'yaml';
import { manifest } from '#slack/manifest.ts';

/** The address in the checked-in manifest, to be replaced by one's own. */
export const EXAMPLE_ORIGIN = 'https://countersign.example.com';

const HEAD = '# Made by "npm run slack:manifest" from slack/manifest.ts.\n';

/** The files for docs/slack by name. */
export function manifestFiles(origin = EXAMPLE_ORIGIN): Map<string, string> {
  const file = (from: string | null) => HEAD + stringify(manifest(from), { lineWidth: 0 });
  return new Map([
    ['manifest.yaml', file(origin)],
    ['manifest-socket-mode.yaml', file(null)],
  ]);
}
