import { DEFAULT_TOOLSETS, isToolset, TOOLSETS, type Toolset } from '#pagerduty/toolsets.ts';

/**
 * The toolsets an agent may use: its own choice, else those of the installation, else what an incident needs; never
 * more than the installation allows. A name that is not known (any more) gives nothing.
 */
export function toolsetsOf(own: readonly string[] | null, installation: readonly Toolset[] | null): Toolset[] {
  const chosen = own ?? installation ?? DEFAULT_TOOLSETS;
  return chosen.filter(isToolset).filter((name) => installation === null || installation.includes(name));
}

/** `all`, `default`, or names with commas between. @returns the names, or the sentence that says what is wrong. */
export function parseToolsets(text: string): Toolset[] | { problem: string } {
  const names = text.split(',').map((name) => name.trim());
  const known = Object.keys(TOOLSETS).filter(isToolset);
  const found = names.flatMap((name): readonly string[] =>
    name === 'all' ? known : name === 'default' ? DEFAULT_TOOLSETS : [name],
  );
  const stray = found.find((name) => !isToolset(name));
  if (stray !== undefined) {
    return { problem: `"${stray}" is no toolset. There are all, default, ${known.join(', ')}.` };
  }
  return known.filter((name) => found.includes(name));
}
