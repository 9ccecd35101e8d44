import 'server-only';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { Context } from '#approvals/context.ts';
import { type Person, personOfSession, SESSION_SECONDS } from '#approvals/sessions.ts';
import { base, contextFor } from './context.ts';

const isSecure = () => base().settings.publicOrigin.startsWith('https:');

// A browser accepts the prefix over https only.
const cookieName = () => (isSecure() ? '__Host-countersign' : 'countersign');

/**
 * The cookie of a session. Lax, not Strict: a link in Slack must open the request; that is a GET, which changes
 * nothing. Whatever does change something checks the origin too.
 */
export function sessionCookie(secret: string): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${secret === '' ? 0 : SESSION_SECONDS}`];
  if (isSecure()) attributes.push('Secure');
  return [`${cookieName()}=${secret}`, ...attributes].join('; ');
}

export async function sessionSecret(): Promise<string | null> {
  return (await cookies()).get(cookieName())?.value ?? null;
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
