import { reveal, visible } from '../../visible-text.ts';

/** One line of somebody else's text, safe inside our own sentence: hidden characters shown, length bounded. */
export function oneLine(text: string, maxCharacters = 120): string {
  return visible(text.replace(/\s+/g, ' ').trim(), { maxCharacters, maxLines: 1 }).text;
}

/** Text that a human must see whole before it is sent: nothing is cut, hidden characters are shown. */
export function whole(text: string): string {
  return reveal(text);
}

/** As `whole`; where there is no text, that is said. */
export const wholeOrEmpty = (text: string | null | undefined): string => (text ? whole(text) : '(empty)');

/** Names are one also when PagerDuty took the blanks at their ends away. */
export const sameName = (asked: string, now: string | null | undefined): boolean => asked.trim() === now?.trim();

/** `Ana`, `Ana and Bo`, `Ana, Bo and Cleo`; from the ninth on they are counted. */
export function listed(items: string[], maxItems = 8): string {
  const named =
    items.length > maxItems ? [...items.slice(0, maxItems - 1), `${items.length - maxItems + 1} more`] : items;
  if (named.length < 2) return named.join('');
  return `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}

/** `1 alert`, `3 alerts`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** `45 min`, `8 h`, `2 d 3 h`; rounded down to minutes. */
export function duration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor((minutes % 1440) / 60), 'h'],
    [minutes % 60, 'min'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return said.length === 0 ? 'less than a minute' : said.join(' ');
}

// Zones have more spellings than names, and agents write them.
const MOST_ZONES = 1000;

/**
 * A way of writing moments for each time zone, made once: making one costs more than all else that a card says. Throws
 * RangeError for a zone that this machine does not know.
 */
export function perZone(locale: string, style: Intl.DateTimeFormatOptions): (zone: string) => Intl.DateTimeFormat {
  const known = new Map<string, Intl.DateTimeFormat>();
  return (zone) => {
    const format = known.get(zone) ?? new Intl.DateTimeFormat(locale, { ...style, timeZone: zone });
    if (known.size >= MOST_ZONES) known.clear();
    known.set(zone, format);
    return format;
  };
}

const clockIn = perZone('sv-SE', { dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });

/** `2026-01-31 19:00 (Europe/Berlin)`; a zone this machine does not know falls back to UTC. */
export function clock(instant: string, timeZone: string | null = null): string {
  const zone = timeZone ?? 'UTC';
  try {
    return `${clockIn(zone).format(new Date(instant))} (${zone})`;
  } catch {
    return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} (UTC)`;
  }
}
