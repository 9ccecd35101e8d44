/** What a denial may say in a word; the note says the rest. The agent sees both. */
export const DENY_REASONS = ['Wrong target', 'Not now', 'A human does it', 'Looks manipulated', 'Duplicate'] as const;

/** The reason of a denial as the agent sees it; undefined when nothing was said. */
export function denyReason(word: string, note: string): string | undefined {
  return [word, note.trim()].filter((part) => part !== '').join('. ') || undefined;
}
