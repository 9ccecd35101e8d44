import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 130 random bits in Crockford's base 32: nobody finds an id by guessing, and it reads aloud. */
function random(): string {
  return Array.from(randomBytes(26), (byte) => ALPHABET[byte & 31]).join('');
}

export const newRequestId = () => `apr_${random()}`;
export const newAgentId = () => `agt_${random()}`;
export const newPersonId = () => `prs_${random()}`;
export const newCredentialId = () => `crd_${random()}`;
export const newFence = () => `fnc_${random()}`;
/** A bearer secret. Shown once, stored as its hash. */
export const newSecret = (prefix: 'csa' | 'css' | 'csl' | 'csk' | 'csh') => `${prefix}_${random()}${random()}`;

/** Lower-case hex. Secrets have 260 random bits, so a plain hash is enough. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
