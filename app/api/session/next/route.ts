import { isOwnPath } from '#app/_server/own-path.ts';
import { cameForCookie } from '#app/_server/session.ts';

/**
 * Keeps what a visitor came for while they sign in. A GET may do that: it changes nothing but a cookie, which leads to
 * a page of ours as every link to it does.
 */
export function GET(request: Request): Response {
  const path = new URL(request.url).searchParams.get('path');
  const headers = new Headers({ location: '/sign-in', 'cache-control': 'no-store' });
  if (isOwnPath(path)) headers.set('set-cookie', cameForCookie(path));
  return new Response(null, { status: 303, headers });
}
