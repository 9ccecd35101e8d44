import { visible } from '#pagerduty/visible-text.ts';

/** What a schema says of arguments it refuses; Zod's own shape. */
interface Issue {
  path: PropertyKey[];
  message: string;
  input?: unknown;
}

function reason({ path, message }: Issue): string {
  const said = /received undefined$/.test(message) ? 'is missing' : message.replace(/\.$/, '');
  return `${path.map(String).join('.') || 'arguments'}: ${said}`;
}

/**
 * One sentence for arguments that a tool cannot take: each field with its reason, at most five, and an example.
 * Text of the agent in it is made visible.
 */
export function refusedArguments(begins: string, issues: readonly Issue[], example?: object): string {
  const reasons = issues.slice(0, 5).map(reason).join('; ');
  const shown = example === undefined ? '' : ` Example: ${JSON.stringify(example)}`;
  return visible(`${begins} ${reasons}.${shown}`, { maxCharacters: 1500, maxLines: 20 }).text;
}
