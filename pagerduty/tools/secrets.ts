/** Forms that credentials have; a text that contains one should not travel further. */
const SECRET =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|\bAKIA[0-9A-Z]{16}\b|\b(?:gh[pousr]|github_pat|xox[abeoprs]|sk|pdus)[-_+][A-Za-z0-9_+-]{10,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:password|passwd|secret|api[-_ ]?key|routing[-_ ]?key|token)\b["']?\s*[:=]\s*["']?[^\s"',;]{6,}/gi;

export const hasSecret = (text: string): boolean => text.search(SECRET) !== -1;

/** The text with everything that looks like a credential taken out, and saying so. */
export const withoutSecrets = (text: string): string => text.replace(SECRET, '[redacted]');
