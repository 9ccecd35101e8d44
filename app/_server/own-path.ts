/** A page that somebody may be led on to once they have signed in. */
export type OwnPath = `/r/${string}` | `/step-up/${string}` | `/link/slack/${string}`;

// All of the path and nothing but it: no host, no query, no dots, no escapes, so it can lead nowhere but here.
const OWN_PATH = /^\/(?:r\/apr_[0-9a-z]{26}|step-up\/csh_[0-9a-z]{52}|link\/slack\/csk_[0-9a-z]{52})$/;

/** Whether a path that came from outside is one of ours. */
export function isOwnPath(path: unknown): path is OwnPath {
  return typeof path === 'string' && OWN_PATH.test(path);
}

/** Where somebody who is not signed in goes, with what they came for if they can be led on to it. */
export function signInPath(cameFor: string): string {
  return isOwnPath(cameFor) ? `/sign-in?${new URLSearchParams({ next: cameFor })}` : '/sign-in';
}
