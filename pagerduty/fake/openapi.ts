import { readFile } from 'node:fs/promises';
import SwaggerParser from '@apidevtools/swagger-parser';
import { Ajv, type ValidateFunction } from 'ajv';
import * as ajvFormats from 'ajv-formats';
import { apiDocument } from '../testing/documents.ts';
import type { Judge } from './server/play.ts';

type Schema = Record<string, unknown>;
type Side = 'request' | 'answer';

interface Operation {
  template: string[];
  method: string;
  parameters: Schema[];
  body: Schema | null;
  /** By status; null = no body. */
  answers: Map<number, Schema | null>;
}

const METHODS = ['get', 'post', 'put', 'delete', 'patch'];
const FORMATS = new Set(['date-time', 'email', 'uri']);
/** Known to work although the document does not list them. */
const UNDOCUMENTED_QUERY = new Set(['priority_ids[]']);
/** The document says one thing about these and PagerDuty sends another. */
const LOOSE_PROPERTIES = new Set(['details', 'escalation_rule_assignment_strategy', 'created_via_sso', 'responder_id']);
const DROPPED_KEYWORDS = new Set([
  'example',
  'examples',
  'xml',
  'discriminator',
  'externalDocs',
  'nullable',
  'readOnly',
  'writeOnly',
  'default',
  'description',
  'title',
  'deprecated',
  'format',
]);

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const schemas = (value: unknown): Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

/** The values without repetitions; an answer to `include[]=…` has the object where the document has its reference. */
function allowedValues(values: unknown[], side: Side): unknown[] {
  const whole = texts(values)
    .filter((value) => value.endsWith('_reference'))
    .map((value) => value.replace(/_reference$/, ''));
  return [...new Set([...values, ...(side === 'answer' ? whole : [])])];
}

/** One schema of the document as JSON Schema, with the corrections that its own examples need. */
function corrected(schema: Schema, side: Side, done: Map<Schema, Schema>): Schema {
  const known = done.get(schema);
  if (known !== undefined) return known;
  const result: Schema = {};
  done.set(schema, result);
  // References that are left are circular ones.
  if ('$ref' in schema) return result;
  for (const [keyword, value] of Object.entries(schema)) {
    if (!DROPPED_KEYWORDS.has(keyword) && !keyword.startsWith('x-')) result[keyword] = value;
  }
  if (typeof schema.format === 'string' && FORMATS.has(schema.format)) result.format = schema.format;
  if (Array.isArray(schema.enum)) result.enum = allowedValues(schema.enum, side);
  // Log entries contradict their own enumerations.
  if (texts(schema.enum).some((value) => /_log_entry(_reference)?$/.test(value))) delete result.enum;
  // `oneOf` matches twice where the alternatives are not exclusive.
  delete result.oneOf;
  const alternatives = [...schemas(schema.anyOf), ...schemas(schema.oneOf)];
  if (alternatives.length > 0) result.anyOf = alternatives.map((one) => corrected(one, side, done));
  if (Array.isArray(schema.allOf)) result.allOf = schemas(schema.allOf).map((one) => corrected(one, side, done));
  if (isSchema(schema.items)) result.items = corrected(schema.items, side, done);
  if (isSchema(schema.additionalProperties)) {
    result.additionalProperties = corrected(schema.additionalProperties, side, done);
  }
  if (isSchema(schema.properties)) correctProperties(schema, schema.properties, result, side, done);
  if (schema.nullable === true && schema.type !== undefined) {
    result.type = [schema.type, 'null'];
    if (Array.isArray(result.enum)) result.enum = [...new Set([...result.enum, null])];
  }
  return result;
}

/** Required by a schema although the document’s own examples leave it out, by the title of the schema. */
const LEFT_OUT: Record<string, readonly string[]> = { StatusPagePostUpdateRequest: ['post', 'update_frequency_ms'] };

function correctProperties(schema: Schema, properties: Schema, result: Schema, side: Side, done: Map<Schema, Schema>) {
  const leftOut = LEFT_OUT[String(schema.title)] ?? [];
  const required = texts(schema.required).filter((name) => !leftOut.includes(name));
  const readOnly = (name: string) => isSchema(properties[name]) && properties[name].readOnly === true;
  result.required = required.filter((name) => side === 'answer' || !readOnly(name));
  result.properties = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      if (!isSchema(property) || LOOSE_PROPERTIES.has(name)) return [name, {}];
      const inner = corrected(property, side, done);
      return [name, side === 'answer' && !required.includes(name) ? orNull(inner) : inner];
    }),
  );
}

function bodySchema(holder: unknown): Schema | null {
  const content = isSchema(holder) && isSchema(holder.content) ? holder.content : {};
  const media = Object.values(content).find(isSchema);
  return media !== undefined && isSchema(media.schema) ? media.schema : null;
}

function operationsOf(document: Schema): Operation[] {
  const paths = isSchema(document.paths) ? document.paths : {};
  return Object.entries(paths).flatMap(([path, item]) => {
    if (!isSchema(item)) return [];
    return METHODS.flatMap((method): Operation[] => {
      const operation = item[method];
      if (!isSchema(operation)) return [];
      const responses = isSchema(operation.responses) ? operation.responses : {};
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      return [
        {
          template: path.split('/'),
          method: method.toUpperCase(),
          parameters: [...schemas(item.parameters), ...schemas(operation.parameters)],
          body: bodySchema(operation.requestBody),
          answers: new Map(good.map(([status, response]) => [Number(status), bodySchema(response)])),
        },
      ];
    });
  });
}

const isVariable = (part: string) => part.startsWith('{');

function operationFor(operations: Operation[], method: string, path: string): Operation | null {
  const given = path.split('/');
  const fitting = operations.filter(
    (operation) =>
      operation.method === method &&
      operation.template.length === given.length &&
      operation.template.every((part, index) => isVariable(part) || part === given[index]),
  );
  const variables = (operation: Operation) => operation.template.filter(isVariable).length;
  return fitting.sort((a, b) => variables(a) - variables(b))[0] ?? null;
}

function queryProblems(operation: Operation, query: URLSearchParams): string[] {
  const known = new Map(
    operation.parameters.filter(({ in: where }) => where === 'query').map((one) => [one.name, one]),
  );
  const missing = [...known.values()]
    .filter(({ name, required }) => required === true && !query.has(String(name)))
    .map(({ name }) => `query "${name}" is missing`);
  const wrong = [...new Set(query.keys())].flatMap((name) => {
    const parameter = known.get(name);
    if (parameter === undefined) return UNDOCUMENTED_QUERY.has(name) ? [] : [`query "${name}" is not documented`];
    const schema = isSchema(parameter.schema) ? parameter.schema : {};
    const single = schema.type === 'array' && isSchema(schema.items) ? schema.items : schema;
    return query.getAll(name).flatMap((value) => {
      if (Array.isArray(single.enum) && !single.enum.includes(value)) return [`query "${name}" cannot be "${value}"`];
      if (single.type === 'integer' && !/^\d+$/.test(value)) return [`query "${name}" must be a whole number`];
      if (single.type === 'boolean' && !/^(true|false)$/.test(value)) return [`query "${name}" must be true or false`];
      return [];
    });
  });
  return [...missing, ...wrong];
}

function createJudge(operations: Operation[]): Judge {
  const ajv = new Ajv({ strict: false, allErrors: true });
  // ajv-formats is CommonJS: bundlers and Node disagree on where its function is.
  const candidate: unknown = ajvFormats.default;
  const addFormats = (typeof candidate === 'function' ? candidate : (candidate as { default: unknown }).default) as (
    target: Ajv,
  ) => void;
  addFormats(ajv);
  const compiled = new Map<Schema, ValidateFunction>();

  function bodyProblems(schema: Schema, side: Side, body: unknown): string[] {
    let validate = compiled.get(schema);
    if (validate === undefined) {
      validate = ajv.compile(corrected(schema, side, new Map()));
      compiled.set(schema, validate);
    }
    if (validate(body)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath || 'body'} ${message ?? ''} ${JSON.stringify(params)}`.trim(),
    );
  }

  return {
    request(method, path, query, body) {
      const operation = operationFor(operations, method, path);
      if (operation === null) return ['no such operation is documented'];
      const problems = queryProblems(operation, query);
      if (operation.body !== null) {
        if (body === undefined || body === null) return [...problems, 'the body is missing'];
        return [...problems, ...bodyProblems(operation.body, 'request', body)];
      }
      return body === undefined || body === null ? problems : [...problems, 'a body is not documented'];
    },
    answer(method, path, status, body) {
      const operation = operationFor(operations, method, path);
      if (operation === null) return ['no such operation is documented'];
      // The document mixes up 200 and 201 in several places.
      const twin = status === 200 ? 201 : status === 201 ? 200 : status;
      const schema = operation.answers.has(status) ? operation.answers.get(status) : operation.answers.get(twin);
      if (schema === undefined) return [`status ${status} is not documented`];
      if (schema === null) return [];
      return bodyProblems(schema, 'answer', body);
    },
  };
}

let judge: Promise<Judge | null> | undefined;

async function load(): Promise<Judge | null> {
  const { path } = apiDocument();
  if (path === null) return null;
  const parsed = JSON.parse(await readFile(path, 'utf8'));
  // The parser's types ask for an OpenAPI document; that this is one is what it checks.
  const document: unknown = await SwaggerParser.dereference(parsed, { dereference: { circular: 'ignore' } });
  return createJudge(operationsOf(isSchema(document) ? document : {}));
}

/** Compares calls and answers with PagerDuty's own description of its API; null where that document is not at hand. */
export function openApiJudge(): Promise<Judge | null> {
  judge ??= load();
  return judge;
}
