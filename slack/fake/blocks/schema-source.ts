import { createRequire } from 'node:module';
import { createGenerator } from 'ts-json-schema-generator';
import { isSchema, lifted, type Schema } from './lift-limits.ts';

/** Makes the JSON Schema of blocks and views from `@slack/types`. */

/** The types as they are installed below Bolt, which is what the app is compiled with. */
function typesFile(): string {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve('@slack/bolt')).resolve('@slack/types').replace(/\.js$/, '.d.ts');
}

/** A view may hold any block by its type; Slack knows only the known ones. */
const OPEN_ENDED = 'AnyBlock';

const refOf = (schema: unknown) =>
  isSchema(schema) && typeof schema.$ref === 'string' ? schema.$ref.replace('#/definitions/', '') : null;

type Definitions = Record<string, Schema>;

/** The alternatives of a union, those of the unions in it too. */
function alternatives(definitions: Definitions, branches: unknown[]): unknown[] {
  return branches.flatMap((branch) => {
    const target = definitions[refOf(branch) ?? ''];
    return Array.isArray(target?.anyOf) ? alternatives(definitions, target.anyOf) : [branch];
  });
}

function typeOf(definitions: Definitions, branch: unknown): string | null {
  const target = definitions[refOf(branch) ?? ''] ?? branch;
  const properties = isSchema(target) ? target.properties : null;
  const type = isSchema(properties) ? properties.type : null;
  return isSchema(type) && typeof type.const === 'string' ? type.const : null;
}

/**
 * A union whose branches differ by `type` says which branch is meant, so that what is wrong is found in that one
 * instead of in all.
 */
function byType(definitions: Definitions, branches: unknown[]): Schema | null {
  const all = alternatives(definitions, branches);
  const types = [...new Set(all.map((branch) => typeOf(definitions, branch)))];
  if (types.length < 2 || types.includes(null)) return null;
  const cases = types.map((type) => {
    const meant = all.filter((branch) => typeOf(definitions, branch) === type);
    const [only] = meant;
    const other = { not: { properties: { type: { const: type } } } };
    return { if: other, else: meant.length === 1 ? only : { anyOf: meant } };
  });
  return { type: 'object', required: ['type'], properties: { type: { enum: types } }, allOf: cases };
}

/** Lifts the limits and sorts the unions of a schema, from the leaves up. */
function refined(definitions: Definitions, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((one) => refined(definitions, one));
  if (!isSchema(schema)) return schema;
  if (refOf(schema) === OPEN_ENDED) return { $ref: '#/definitions/KnownBlock' };
  const { anyOf, properties, description, ...rest } = schema;
  const each = (of: Schema) => Object.entries(of).map(([key, value]) => [key, refined(definitions, value)]);
  const union = Array.isArray(anyOf) ? (byType(definitions, anyOf) ?? { anyOf: refined(definitions, anyOf) }) : {};
  // Names of properties are no keywords: one of them is called `description`.
  const named = isSchema(properties) ? { properties: Object.fromEntries(each(properties)) } : {};
  const whole = { ...Object.fromEntries(each(rest)), ...named, ...union };
  return typeof description === 'string' ? lifted(whole, description) : whole;
}

/** Without what only the open-ended union used, and in an order that does not change. */
function tidy(definitions: Definitions): Definitions {
  const kept = Object.entries(definitions).filter(([name]) => name !== OPEN_ENDED && name !== 'Block');
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The schema as it is checked in: one definition a line, so that a change of the package shows as a few lines. */
export function schemaText(): string {
  const path = typesFile();
  const generator = createGenerator({ path, skipTypeCheck: true, additionalProperties: false, jsDoc: 'extended' });
  const raw: Definitions = {};
  for (const type of ['ModalView', 'HomeView']) Object.assign(raw, generator.createSchema(type).definitions);
  const definitions = tidy(raw);
  const lines = Object.entries(definitions).map(([name, schema]) => {
    return `    ${JSON.stringify(name)}: ${JSON.stringify(refined(raw, schema))}`;
  });
  return `{\n  "$id": "slack",\n  "definitions": {\n${lines.join(',\n')}\n  }\n}\n`;
}
