// Forms of credentials and of contact data in free text. Every pattern is linear in the length of the text, which other
// systems write: a run of characters has one place where a match may begin, and what repeats has one way to be read.

const QUOTE = String.raw`\\*["']?`;
const ASSIGNED = String.raw`${QUOTE}\s*(?:=>|[:=])\s*${QUOTE}`;
const KINDS_OF_KEY = 'api|routing|integration|service|access|private|signing|auth|account|encryption|shared|secret';
const NAME = `passw(?:or)?d|passphrase|secret|token|credentials?|(?:${KINDS_OF_KEY})[-_ ]?key`;

/** Forms that credentials have; a text that contains one should not travel further. */
const SECRET = new RegExp(
  [
    String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`,
    String.raw`\bA(?:KI|SI)A[0-9A-Z]{16}\b`,
    String.raw`\b(?:gh[pousr]|github_pat|xox[abeoprs]|sk|pdus)[-_+][A-Za-z0-9_+-]{10,}`,
    String.raw`(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*`,
    // What precedes the name does not matter: client_secret, dbPassword, aws_secret_access_key.
    String.raw`(?:${NAME})${ASSIGNED}[^\s"',;]{6,}`,
    // Without a scheme only what has a digit: "authorization: required" is prose.
    String.raw`(?<header>authorization${ASSIGNED})(?!\[redacted\])(?:(?:bearer|basic|token|digest|negotiate)\s+[^\s"',;]{4,}|(?=[^\s"',;\d]{0,200}\d)[^\s"',;]{6,})`,
    String.raw`\bbearer\s+(?=[^\s"',;\d]{0,200}\d)[\w.~+/=-]{16,}`,
    // Who signs in by an address, and the address of somebody's private calendar.
    String.raw`(?<=:\/\/)(?!\[redacted\]@)(?:[^\s/?#:@"'<>]*:[^\s/?#"'<>]+|[^\s/?#:@"'<>]{16,})(?=@)`,
    String.raw`(?<=\/private\/)(?!\[redacted\])[^\s/"'<>]+(?=\/feed\b)`,
  ].join('|'),
  'gi',
);

export const hasSecret = (text: string): boolean => text.search(SECRET) !== -1;

/** The text with everything that looks like a credential taken out, and saying so. */
export const withoutSecrets = (text: string): string => text.replace(SECRET, '$<header>[redacted]');

// A version is no host: lodash@4.17.21.
const MAIL =
  /(?<![\p{L}\p{N}_.%+-])[\p{L}\p{N}_.%+-]+(?:@|%40)(?!v?\d+\.\d)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/giu;

// Numbers that are no part of an id, a version, a time, an address or a path.
const PHONE = new RegExp(
  [
    // +49 30 1234567, +1 (415) 555-0132
    String.raw`(?<![\w.:+-])\+\(?[1-9](?:[ ().\/-]{0,3}\d){7,14}(?!\d)`,
    // 0049 30 1234567
    String.raw`(?<![\w.:,+/#-])00[1-9]\d{0,2}[ /-]\(?\d{2,5}\)?(?:[ /-]?\d){4,9}(?![\d:])`,
    // (415) 555-0132, 415-555-0132, 1-415-555-0132
    String.raw`(?<![\w.:,+/#-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?\d{3}[ .-]|[2-9]\d{2}([.-])\d{3}\1)\d{4}(?![\w:/-]|\.\d)`,
    // 030 1234567, (0800) 123 4567, 01632/960123
    String.raw`(?<![\w.:,+/#-])\(?0[1-9]\d{1,3}\)?[ /-]{1,3}(?:\d[ -]?){5,9}\d(?![\w:/-]|\.\d)`,
    // 06 12345678
    String.raw`(?<![\w.:,+/#-])0[1-9][ /-]\d{7,8}(?![\w:/-]|\.\d)`,
    // 01 23 45 67 89
    String.raw`(?<![\w.:,+/#-]|\d )0[1-9](?: \d{2}){4}(?![\w:/-]|\.\d| \d)`,
    // "phone":"4155550132", tel:+14155550132: what is called a number needs no form.
    String.raw`(?=[+(\d])(?<=(?:phone|mobile|fax|whatsapp|\btel)(?:[-_ ]?(?:number|no))?[\\"'\s:=.]{1,6})(?!\d{4}-\d\d-\d\d|\d{1,3}(?:\.\d{1,3}){3})\+?\(?\d(?:[ ()/-]{0,2}\d){6,14}(?![\d.])`,
  ].join('|'),
  'gi',
);

/** The text with mail addresses and phone numbers taken out, and saying so: nobody needs them to act on ids. */
export const withoutContacts = (text: string): string =>
  text.replace(MAIL, '[mail address]').replace(PHONE, '[phone number]');

/** What an agent may read of a text that somebody else wrote. */
export const shareable = (text: string): string => withoutContacts(withoutSecrets(text));
