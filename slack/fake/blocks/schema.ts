import { readFileSync } from 'node:fs';
import type { types } from '@slack/bolt';
import { Ajv, type ErrorObject } from 'ajv';
import { type Problem, ruleProblems, type Surface, viewProblems } from './rules.ts';

/** Made of `@slack/types` by `generate-schema.ts`. */
const schema: object = JSON.parse(readFileSync(new URL('schema.json', import.meta.url), 'utf8'));

// Unions are written as conditions on `type`, which Ajv's strict mode takes for oversights.
const ajv = new Ajv({ allErrors: true, strict: false });
ajv.addSchema(schema);

const definition = (name: string) => ({ $ref: `slack#/definitions/${name}` });
const blocksShape = ajv.compile<types.KnownBlock[]>({ type: 'array', items: definition('KnownBlock') });
const viewShapes = {
  modal: ajv.compile<types.ModalView>(definition('ModalView')),
  home: ajv.compile<types.HomeView>(definition('HomeView')),
};

function words({ keyword, params, message, instancePath }: ErrorObject, found: unknown): string {
  switch (keyword) {
    case 'maxLength':
      return `must be less than ${Number(params.limit) + 1} characters`;
    case 'minLength':
      return `must be more than ${Number(params.limit) - 1} characters`;
    case 'maxItems':
      return `no more than ${params.limit} items allowed`;
    case 'minItems':
      return `no fewer than ${params.limit} items allowed`;
    case 'required':
      return `missing required field: ${params.missingProperty}`;
    case 'additionalProperties':
      return `unsupported field: ${params.additionalProperty}`;
    case 'const':
    case 'enum':
      return instancePath.endsWith('/type') ? `unsupported type: ${JSON.stringify(found)}` : 'unsupported value';
    default:
      return message ?? keyword;
  }
}

function at(value: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : null),
    value,
  );
}

/** What the schema has against a value; that a branch was not taken is no problem in itself. */
function schemaProblems(errors: ErrorObject[] | null | undefined, value: unknown, root: string): Problem[] {
  return (errors ?? [])
    .filter(({ keyword }) => keyword !== 'if')
    .map((error) => {
      const pointer = `${root}${error.instancePath}`;
      return { pointer, message: words(error, at(value, error.instancePath)) };
    });
}

const MOST_TEXT = 40_000;

function textProblems(text: unknown): Problem[] {
  const pointer = '/text';
  if (typeof text !== 'string' || text.trim() === '') return [{ pointer, message: 'missing required field: text' }];
  return text.length > MOST_TEXT ? [{ pointer, message: `must be less than ${MOST_TEXT + 1} characters` }] : [];
}

/** What is wrong with blocks on a surface; the rules are asked only about what has the right shape. */
export function validateBlocks(blocks: unknown, surface: Surface): Problem[] {
  if (!blocksShape(blocks)) return schemaProblems(blocksShape.errors, blocks, '/blocks');
  return ruleProblems(blocks, surface, '/blocks');
}

/** What Slack, or good sense, has against a message; nothing for one that may be posted. */
export function validateMessage({ text, blocks = [] }: { text?: unknown; blocks?: unknown }): Problem[] {
  return [...textProblems(text), ...validateBlocks(blocks, 'message')];
}

/** The same for a view. */
export function validateView(view: unknown, type: 'modal' | 'home'): Problem[] {
  const shape = viewShapes[type];
  return shape(view) ? viewProblems(view) : schemaProblems(shape.errors, view, '/view');
}
