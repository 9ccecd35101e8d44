const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * Why a POST must not be accepted, as a sentence; null when one of our own pages sent it.
 * Browsers set both headers themselves, so no other site can fake them.
 */
export function foreignOrigin(headers: Headers, publicOrigin: string): string | null {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return 'It was sent by another site.';
  const origin = headers.get('origin');
  // A form of a page with `Referrer-Policy: no-referrer` sends "null"; then the browser's word about the site decides.
  if (origin === 'null' && site === 'same-origin') return null;
  if (origin === publicOrigin) return null;
  const host = headers.get('host') ?? '';
  // On one's own machine the port and the name vary. Other names are refused, or a site could be made to resolve here.
  if (LOOPBACK.test(host) && origin === `http://${host}`) return null;
  return origin === null ? 'It does not say which page sent it.' : 'It was sent by a page of another origin.';
}
