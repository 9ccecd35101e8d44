/** Where something is told. What is stored of it is a text, which is written and read here alone. */
export type Place =
  /** The one channel where every request is told of. */
  | { kind: 'channel' }
  /** What one person is written to directly. */
  | { kind: 'person'; personId: string }
  /** The Home tab of a Slack user. */
  | { kind: 'home'; userId: string }
  /** A copy of a message that somebody found, wherever it is. */
  | { kind: 'copy'; channel: string; ts: string }
  /** The one message for what was too much in a lane since that moment. */
  | { kind: 'flood'; lane: string; sinceMs: number };

/** Where a lane leads: to a place, or to whichever conversation a copy was found in. */
export type Lane = Extract<Place, { kind: 'channel' | 'person' | 'home' }> | { kind: 'conversation'; id: string };

/** What the text of every place of a kind begins with. */
export const PREFIXES = {
  channel: 'channel',
  person: 'dm:',
  home: 'home:',
  copy: 'copy:',
  flood: 'flood:',
} as const satisfies Record<Place['kind'], string>;

export const CHANNEL = { kind: 'channel' } as const satisfies Place;

export function toTarget(place: Place): string {
  const prefix = PREFIXES[place.kind];
  switch (place.kind) {
    case 'channel':
      return prefix;
    case 'person':
      return `${prefix}${place.personId}`;
    case 'home':
      return `${prefix}${place.userId}`;
    case 'copy':
      return `${prefix}${place.channel}:${place.ts}`;
    case 'flood':
      return `${prefix}${place.lane}:${place.sinceMs}`;
  }
}

/** What follows the prefix of each kind, and the place that it makes. */
const PLACES: { [Kind in Place['kind']]: readonly [RegExp, (first: string, second: string) => Place] } = {
  channel: [/^$/, () => CHANNEL],
  person: [/^([^:]+)$/, (personId) => ({ kind: 'person', personId })],
  home: [/^([^:]+)$/, (userId) => ({ kind: 'home', userId })],
  copy: [/^([^:]+):([^:]+)$/, (channel, ts) => ({ kind: 'copy', channel, ts })],
  flood: [/^(.+):(\d+)$/, (lane, sinceMs) => ({ kind: 'flood', lane, sinceMs: Number(sinceMs) })],
};
const KINDS = Object.keys(PLACES) as Place['kind'][];

/** @throws TypeError for a text that is no place. */
export function fromTarget(text: string): Place {
  const kind = KINDS.find((one) => text.startsWith(PREFIXES[one]));
  if (kind === undefined) throw new TypeError(`no place is called ${text}`);
  const [pattern, placeOf] = PLACES[kind];
  const rest = pattern.exec(text.slice(PREFIXES[kind].length));
  if (rest === null) throw new TypeError(`no place is called ${text}`);
  return placeOf(rest[1] ?? '', rest[2] ?? '');
}

export const toLane = (lane: Lane): string => (lane.kind === 'conversation' ? lane.id : toTarget(lane));

/** @throws TypeError for a text that is no lane. */
export function fromLane(text: string): Lane {
  if (/^[^:]+$/.test(text) && text !== PREFIXES.channel) return { kind: 'conversation', id: text };
  const place = fromTarget(text);
  if (place.kind === 'copy' || place.kind === 'flood') throw new TypeError(`no lane is called ${text}`);
  return place;
}

/** A place in the lane that is its own. */
export function inPlace(place: Extract<Lane, Place>): { target: string; lane: string } {
  const text = toTarget(place);
  return { target: text, lane: text };
}
