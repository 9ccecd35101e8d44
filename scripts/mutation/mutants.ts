import { parseAst } from 'vitest/node';
import { type Change, SHIFTED, sqlChanges } from './sql-changes.ts';

/** One way to break a file. */
export interface Mutant extends Change {
  line: number;
  /** What is replaced, on one line. */
  was: string;
  /** Why no test notices, where the source says so. */
  unnoticed: string | null;
}

/** A node of the syntax tree; what it holds is asked for by name. */
interface Node {
  type: string;
  start: number;
  end: number;
  [member: string]: unknown;
}

/** Says nothing at run time. */
const TYPES = /^TS(?:Type|Interface)/;
const EQUAL = new Set(['===', '!==', '==', '!=']);
const ASKING = new Set(['some', 'every', 'find', 'findLast', 'findIndex']);
/** Where a comparison is taken out by what stands around it. */
const CONDITIONS = new Set(['LogicalExpression', 'IfStatement', 'ConditionalExpression', 'ArrowFunctionExpression']);

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value : [value]).filter(isNode);
const node = (value: unknown): Node => nodes(value)[0] ?? { type: 'none', start: 0, end: 0 };

const replaced = ({ start, end }: Node, to: string): Change => ({ start, end, to });
const both = (condition: Node) => [replaced(condition, 'true'), replaced(condition, 'false')];

/** The operands of `a && b && c`, which the tree holds as pairs. */
function operands(of: Node, operator: unknown): Node[] {
  if (of.type !== 'LogicalExpression' || of.operator !== operator) return [of];
  return [...operands(node(of.left), operator), ...operands(node(of.right), operator)];
}

const isSentence = ({ type }: Node) => type === 'TemplateLiteral' || type === 'Literal';

function call(at: Node, _parent: Node, text: string): Change[] {
  const callee = node(at.callee);
  const given = nodes(at.arguments);
  const [first] = given;
  // The database's conditions; one that is undefined is left out.
  if (callee.name === 'and' || callee.name === 'or') return given.map((one) => replaced(one, 'undefined'));
  const object = node(callee.object);
  const name = String(node(callee.property).name);
  if (object.name === 'Math' && given.length === 2) {
    return given.map((one) => replaced(at, text.slice(one.start, one.end)));
  }
  if (name === 'where' && node(first?.callee).name === 'and') return [];
  if (['filter', 'where', 'for'].includes(name)) {
    return [{ start: text.lastIndexOf('.', node(callee.property).start), end: at.end, to: '' }];
  }
  const body = node(first?.body);
  const whole =
    ASKING.has(name) && body.type !== 'none' && !['LogicalExpression', 'BlockStatement'].includes(body.type);
  return whole ? [replaced(body, 'true')] : [];
}

/** A call that is made for what it does. What is only told to the log is no rule. */
function statement(at: Node): Change[] {
  let made = node(at.expression);
  while (made.type === 'AwaitExpression' || made.type === 'UnaryExpression') made = node(made.argument);
  const to = node(made.callee);
  const isLog = node(to.object).name === 'log' || node(node(to.object).property).name === 'log';
  return made.type === 'CallExpression' && !isLog ? [replaced(at, ';')] : [];
}

function fragment(at: Node, _parent: Node, text: string): Change[] {
  if (node(at.tag).name !== 'sql') return [];
  const { start, end, expressions } = node(at.quasi);
  let sql = text.slice(start + 1, end - 1);
  for (const hole of nodes(expressions)) {
    const from = text.lastIndexOf('${', hole.start) - start - 1;
    const to = text.indexOf('}', hole.end) - start;
    sql = `${sql.slice(0, from)}${'_'.repeat(to - from)}${sql.slice(to)}`;
  }
  return sqlChanges(sql).map((one) => ({ ...one, start: one.start + start + 1, end: one.end + start + 1 }));
}

/** What is tried with a node of the syntax tree. Words are left alone: they are read by humans. */
const OPERATORS: Record<string, (at: Node, parent: Node, text: string) => Change[]> = {
  // `a || b` as nothing at all is no news after `a` alone and `b` alone.
  IfStatement: ({ test }) => (node(test).operator === '||' ? [] : [replaced(node(test), 'false')]),
  ConditionalExpression: ({ test, consequent, alternate }) =>
    isSentence(node(consequent)) && isSentence(node(alternate)) ? [] : both(node(test)),
  LogicalExpression: (at, { type, operator }) =>
    at.operator === '??' || (type === at.type && operator === at.operator)
      ? []
      : operands(at, at.operator).map((one) => replaced(one, at.operator === '&&' ? 'true' : 'false')),
  BinaryExpression: (at, { type }, text) => {
    const operator = String(at.operator);
    const left = node(at.left).end;
    const start = left + text.slice(left).indexOf(operator);
    const to = SHIFTED.get(operator);
    if (to !== undefined) return [{ start, end: start + operator.length, to }];
    return EQUAL.has(operator) && !CONDITIONS.has(type) ? both(at) : [];
  },
  CallExpression: call,
  ExpressionStatement: statement,
  ReturnStatement: ({ argument }) => {
    const { value } = node(argument);
    return typeof value === 'boolean' ? [replaced(node(argument), String(!value))] : [];
  },
  TaggedTemplateExpression: fragment,
};

function changesBelow(at: Node, parent: Node, text: string): Change[] {
  const own = OPERATORS[at.type]?.(at, parent, text) ?? [];
  const inner = Object.values(at).flatMap(nodes);
  return [...own, ...inner.filter(({ type }) => !TYPES.test(type)).flatMap((one) => changesBelow(one, at, text))];
}

const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;
const onOneLine = (text: string) => text.trim().replaceAll(/\s+/g, ' ');

/** Unnoticed without `what`: why. It is about the next place where that is replaced. */
const MARK = /Unnoticed without `([^`]+)`: (.+)/g;

/** @throws Error for a mark that is about nothing. */
function mark(mutants: Mutant[], text: string): void {
  for (const { 0: whole, 1: what = '', 2: why = '', index } of text.matchAll(MARK)) {
    const meant = mutants.filter(({ start, was }) => start > index && was.startsWith(what));
    const line = Math.min(...meant.map((one) => one.line));
    if (meant.length === 0) throw new Error(`No mutant is meant by: ${whole}`);
    for (const one of meant.filter((other) => other.line === line)) one.unnoticed = why;
  }
}

/** Every way to break a file that a test should notice, from the top to the bottom. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const isSql = file.endsWith('.sql');
  const changes = isSql ? sqlChanges(text) : changesBelow(node(parseAst(text, { lang: 'ts' })), node(null), text);
  const mutants = changes
    .sort((a, b) => a.start - b.start)
    .map((one) => ({
      ...one,
      line: lineOf(text, one.start),
      was: onOneLine(text.slice(one.start, one.end)),
      unnoticed: null,
    }));
  mark(mutants, text);
  return mutants;
}

/** The file as the mutant has it. */
export const broken = (text: string, { start, end, to }: Change) => `${text.slice(0, start)}${to}${text.slice(end)}`;
