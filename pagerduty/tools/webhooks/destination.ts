import { BlockList, isIP } from 'node:net';
import { withoutSecrets } from '../words/secrets.ts';

// Where events may be sent. PagerDuty resolves names itself, so this refuses what can be seen from the address alone.

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
// Loopback, link, site and multicast addresses, and the forms that carry an IPv4 address inside.
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6');
}

const PRIVATE_NAME = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|private)$/;

/** Host and port as a browser would read them; the text itself where it is no address. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** Whether both lead to the same place; PagerDuty may write an address in its own way. */
export const sameAddress = (a: string, b: string): boolean =>
  a === b || (URL.canParse(a) && URL.canParse(b) && new URL(a).href === new URL(b).href);

const bareHost = (url: URL) => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** Whether the host is an address of numbers, which no certificate or name explains. */
export const isNumeric = (url: string): boolean => URL.canParse(url) && isIP(bareHost(new URL(url))) !== 0;

function isPrivate(host: string): boolean {
  const family = isIP(host);
  if (family !== 0) return PRIVATE.check(host, family === 4 ? 'ipv4' : 'ipv6');
  return !host.includes('.') || PRIVATE_NAME.test(host);
}

/** Why events must not be sent there; null when nothing speaks against the address as such. */
export function destinationProblem(text: string): string | null {
  // The parsers of this world disagree about all of these, so what was shown might not be where it goes.
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(text)) return 'The URL must be plain ASCII without spaces and backslashes.';
  if (!URL.canParse(text)) return 'This is not a URL.';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'Events hold incident data, so the URL must begin with https://.';
  if (/^https:\/\/[^/?#]*@/i.test(text)) return 'The URL must not contain a user name or password.';
  if (url.hash !== '') return 'The URL must not contain a fragment (#).';
  if (isPrivate(bareHost(url))) {
    return `The host ${url.host} is on a private network or on the sender itself; webhooks go to public hosts only.`;
  }
  return null;
}

/** A part of a path, unless it is as long as a key and does not read like words with hyphens. */
const pathPart = (part: string): string => (/-/.test(part) && !/\d/.test(part) && part.length < 32 ? part : '…');

/** Host and port without what may be a key in them: receivers that are made for one subscription have it there. */
export const hostForAgents = (text: string): string =>
  URL.canParse(text)
    ? new URL(text).host.replace(/[a-z0-9]{14,}|[a-z0-9-]{32,}/g, (part) => (/\d/.test(part) ? '…' : part))
    : '[not a URL]';

/** The address without what may be a key in it: the query, and parts of host and path that look random. */
export function addressForAgents(text: string): string {
  if (!URL.canParse(text)) return '[not a URL]';
  const { protocol, pathname, search } = new URL(text);
  const path = withoutSecrets(pathname).replace(/[\w-]{16,}/g, pathPart);
  return `${protocol}//${hostForAgents(text)}${path}${search === '' ? '' : '?…'}`;
}

/** Whether nothing of the address is kept from agents. */
export const isShownWhole = (text: string): boolean =>
  URL.canParse(text) && addressForAgents(text) === new URL(text).href;
