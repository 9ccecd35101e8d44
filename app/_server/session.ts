import 'server-only';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { Context } from '#approvals/context.ts';
import { type Person, personOfSession, SESSION_SECONDS } from '#identity/sessions.ts';
import { base, contextFor } from './context.ts';
import { isOwnPath, type OwnPath } from './own-path.ts';

const isSecure = () => base().settings.publicOrigin.startsWith('https:');

/** From being sent to sign in to signing in; whoever finds a sign-in link later begins at the queue. */
const CAME_FOR_SECONDS = 15 * 60;

// A browser accepts the prefix over https only.
const cookieName = (name: 'countersign' | 'countersign-next') => (isSecure() ? `__Host-${name}` : name);

/**
 * Lax, not Strict: a link in Slack must open the request; that is a GET, which changes nothing. Whatever does change
 * something checks the origin too. An empty value ends the cookie.
 */
function cookie(name: Parameters<typeof cookieName>[0], value: string, seconds: number): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${value === '' ? 0 : seconds}`];
  if (isSecure()) attributes.push('Secure');
  return [`${cookieName(name)}=${value}`, ...attributes].join('; ');
}

/** The cookie of a session; of none when the secret is empty. */
export function sessionCookie(secret: string): string {
  return cookie('countersign', secret, SESSION_SECONDS);
}

export async function sessionSecret(): Promise<string | null> {
  return (await cookies()).get(cookieName('countersign'))?.value ?? null;
}

/** The cookie that keeps what a visitor came for while they sign in; empty = forget it. */
export function cameForCookie(path: OwnPath | ''): string {
  return cookie('countersign-next', path, CAME_FOR_SECONDS);
}

/** What the visitor came for before they were sent to sign in. Anybody can write a cookie, so it is looked at again. */
export async function cameFor(): Promise<OwnPath | null> {
  const path = (await cookies()).get(cookieName('countersign-next'))?.value;
  return isOwnPath(path) ? path : null;
}

/** Whoever is signed in; null for nobody. Asked once per request. */
export const signedInPerson = cache(async (): Promise<Person | null> => {
  const secret = await sessionSecret();
  return secret === null ? null : personOfSession(base(), secret);
});

export function personContext(person: Person): Context {
  return contextFor({ kind: 'person', personId: person.id, surface: 'web' });
}

/** For pages: the signed-in person and what they act with. Sends everybody else to the sign-in page. */
export async function requirePersonContext(): Promise<{ ctx: Context; person: Person }> {
  const person = await signedInPerson();
  if (person === null) redirect('/sign-in');
  return { ctx: personContext(person), person };
}
