/** HTML that was put together with every text escaped. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

type Part = string | number | Html | null | undefined | readonly Part[];

function sourceOf(part: Part): string {
  if (part === null || part === undefined) return '';
  if (part instanceof Html) return part.source;
  if (typeof part === 'object') return part.map(sourceOf).join('');
  return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * The only way to make HTML here: whatever is put in is text and stays text, unless it was made in this way itself.
 * Attributes must be in double quotes.
 */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((made, string, index) => `${made}${sourceOf(parts[index - 1])}${string}`));
}

export const nothing = html``;

/** An attribute that is there or not, e.g. `checked`. */
export const attribute = (name: 'checked' | 'selected' | 'multiple' | 'hidden' | 'open' | 'disabled', on: boolean) =>
  on ? new Html(` ${name}`) : nothing;
