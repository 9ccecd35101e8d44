'use client';
import { redirect, usePathname } from 'next/navigation';
import { signInPath } from '#app/_server/own-path.ts';

/** Sends a visitor to sign in, and from there back here. A layout is not told its path on the server; this is. */
export function ToSignIn(): never {
  redirect(signInPath(usePathname()));
}
