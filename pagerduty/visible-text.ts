/** Text somebody else wrote, made safe to show, and what was suspicious about it. */
export interface VisibleText {
  text: string;
  /** One sentence each, for the card; empty when nothing was found. */
  findings: string[];
}

export interface VisibleOptions {
  /** Longer text is cut, with a note; default 600. */
  maxCharacters?: number;
  /** More lines are cut, with a note; default 8. */
  maxLines?: number;
}

const ESCAPE = String.fromCharCode(0x1b);
const ANSI = new RegExp(`${ESCAPE}\\[[0-9;?]*[ -/]*[@-~]`, 'u');

/** What each kind of hidden character does to a reader. Order matters: the first match names the finding. */
const HIDDEN: { finding: string; pattern: RegExp }[] = [
  {
    finding: 'Contains characters that reorder text (bidirectional controls).',
    pattern: /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
  },
  {
    finding: 'Contains invisible tag characters, which can carry hidden instructions.',
    pattern: /[\u{e0000}-\u{e007f}]/u,
  },
  {
    finding: 'Contains zero-width or other invisible characters.',
    pattern: /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u,
  },
  { finding: 'Contains control characters.', pattern: /[^\P{Cc}\n\t]/u },
  { finding: 'Contains unassigned or private characters.', pattern: /[\p{Cn}\p{Co}\p{Cs}]/u },
];

const INVISIBLE = /[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]|[^\P{Cc}\n\t]|[\u2028\u2029]/gu;

const escaped = (character: string) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** The suspicious things in a text, as sentences; the same for every surface. */
export function findings(text: string): string[] {
  const found = HIDDEN.filter(({ pattern }) => pattern.test(text)).map(({ finding }) => finding);
  if (ANSI.test(text)) found.push('Contains terminal escape sequences.');
  if (/\p{Script=Latin}/u.test(text) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(text)) {
    found.push('Mixes alphabets whose letters look alike.');
  }
  return found;
}

/** Makes every hidden character visible as `\u{…}`. Keeps line breaks and tabs; changes nothing a reader can see. */
export function reveal(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(INVISIBLE, escaped);
}

/**
 * The one function that every surface uses for text of agents and of PagerDuty: hidden characters become visible,
 * length and lines are bounded, runs of blank lines collapse.
 */
export function visible(text: string, options: VisibleOptions = {}): VisibleText {
  const { maxCharacters = 600, maxLines = 8 } = options;
  const found = findings(text);
  const lines = reveal(text)
    .replace(/\n[ \t]*(\n[ \t]*)+/g, '\n\n')
    .split('\n');
  let shown = lines.slice(0, maxLines).join('\n');
  const cutLines = lines.length - maxLines;
  const characters = Array.from(shown);
  if (characters.length > maxCharacters) {
    shown = `${characters.slice(0, maxCharacters).join('')}… [${characters.length - maxCharacters} more characters]`;
    found.push('Is longer than what is shown.');
  } else if (cutLines > 0) {
    shown += `\n… [${cutLines} more lines]`;
    found.push('Is longer than what is shown.');
  }
  return { text: shown, findings: found };
}
