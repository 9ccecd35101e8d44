/**
 * Slack's own limits stand in the comments of `@slack/types` and nowhere else in a form that a program could read.
 * They are lifted from there into the JSON Schema that is made of the same types.
 */

export type Schema = { [key: string]: unknown };

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const PATTERNS = {
  mostCharacters: /max(?:imum)? length(?: for [^.]*?)?(?: of| is) ([\d,]+)/i,
  mostCharactersOfAnItem: /max(?:imum)? length for the text in each item is ([\d,]+)/i,
  fewerCharacters: /less than ([\d,]+) characters/i,
  limitCharacters: /limit ([\d,]+) characters/i,
  leastCharacters: /min(?:imum)? length(?: for [^.]*?)? is (\d+)/i,
  mostItems: /(?:max(?:imum)?(?: number of [a-z ]+? is| of)?|up to) (\d+)/i,
  leastItems: /minimum (\d+), maximum/i,
  mostCells: /each row[^.]*max of (\d+)/i,
  least: /(?:min(?:imum)?(?: number is| of)?|between|from) (\d+)/i,
  most: /(?:max(?:imum)?(?: value is| of)?|between \d+ and|from \d+(?: \(default\))? to) (\d+)/i,
} as const;

type Pattern = keyof typeof PATTERNS;

/** Comments without their links and line ends, in which digits and phrases would otherwise be found. */
const prose = (description: string) =>
  description
    .replace(/\{@link[^}]*\}/g, '')
    .replace(/`/g, '')
    .replace(/\s+/g, ' ');

function number(text: string, pattern: Pattern): number | undefined {
  const found = PATTERNS[pattern].exec(text)?.[1];
  return found === undefined ? undefined : Number(found.replaceAll(',', ''));
}

function defined(limits: Record<string, number | undefined>): Schema {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

function ofCharacters(text: string): Schema {
  const fewer = number(text, 'fewerCharacters');
  const most = number(text, 'mostCharacters') ?? number(text, 'limitCharacters');
  return defined({
    maxLength: most ?? (fewer === undefined ? undefined : fewer - 1),
    minLength: number(text, 'leastCharacters'),
  });
}

const textLimited = (limits: Schema): Schema => ({ properties: { text: limits } });
const some = (limits: Schema) => Object.keys(limits).length > 0;

function ofItems(text: string, items: unknown): Schema {
  const own = defined({ maxItems: number(text, 'mostItems'), minItems: number(text, 'leastItems') });
  const characters = defined({ maxLength: number(text, 'mostCharactersOfAnItem') });
  const cells = defined({ maxItems: number(text, 'mostCells') });
  if (some(characters)) return { ...own, items: { allOf: [items, textLimited(characters)] } };
  if (some(cells) && isSchema(items)) return { ...own, items: { ...items, ...cells } };
  return own;
}

/** A schema with the limits that its description tells. */
export function lifted(schema: Schema, description: string): Schema {
  const text = prose(description);
  switch (schema.type) {
    case 'string':
      return 'const' in schema || 'enum' in schema ? schema : { ...schema, ...ofCharacters(text) };
    case 'array':
      return { ...schema, ...ofItems(text, schema.items) };
    case 'number':
      return { ...schema, ...defined({ minimum: number(text, 'least'), maximum: number(text, 'most') }) };
    default: {
      // A text object, named or one of several kinds: the limit is of the text inside.
      const limits = 'properties' in schema && !('allOf' in schema) ? {} : ofCharacters(text);
      return some(limits) ? { allOf: [schema, textLimited(limits)] } : schema;
    }
  }
}

const LIMITS = ['maxLength', 'minLength', 'maxItems', 'minItems', 'maximum', 'minimum'];

/** How many limits a schema holds. */
export function countLimits(schema: unknown): number {
  if (Array.isArray(schema)) return schema.reduce((sum: number, one) => sum + countLimits(one), 0);
  if (!isSchema(schema)) return 0;
  const own = LIMITS.filter((name) => typeof schema[name] === 'number').length;
  return Object.values(schema).reduce((sum: number, one) => sum + countLimits(one), own);
}
