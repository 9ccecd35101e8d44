import { parseAst } from 'vitest/node';
import { type Change, SHIFTED, sqlChanges } from './sql-changes.ts';

/** One way to break a file. In TypeScript it is about a whole expression or statement, so that it can be switched on. */
export interface Mutant extends Change {
  line: number;
  /** What is taken out or changed, on one line. */
  was: string;
  /** What becomes of it; empty = it is gone. */
  becomes: string;
  /** True for what is read once, when the file is loaded: too late to be switched on. */
  once: boolean;
  /** Why no test notices, where the source says so. */
  unnoticed: string | null;
}

/** A change as part of a larger one. */
interface Found extends Change {
  part?: Change;
  once?: boolean;
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

/** The text of a node with a part of it changed. */
const within = ({ start, end }: Node, part: Change, text: string) =>
  `${text.slice(start, part.start)}${part.to}${text.slice(part.end, end)}`;

const isSentence = ({ type }: Node) => type === 'TemplateLiteral' || type === 'Literal';

function call(at: Node, _parent: Node, text: string): Found[] {
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
    const dot = text.lastIndexOf('.', node(callee.property).start);
    return [{ ...replaced(at, text.slice(at.start, dot)), part: { start: dot, end: at.end, to: '' } }];
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

function fragment(at: Node, _parent: Node, text: string): Found[] {
  if (node(at.tag).name !== 'sql') return [];
  const { start, end, expressions } = node(at.quasi);
  let sql = text.slice(start + 1, end - 1);
  for (const hole of nodes(expressions)) {
    const from = text.lastIndexOf('${', hole.start) - start - 1;
    const to = text.indexOf('}', hole.end) - start;
    sql = `${sql.slice(0, from)}${'_'.repeat(to - from)}${sql.slice(to)}`;
  }
  return sqlChanges(sql).map((one) => {
    const part = { start: one.start + start + 1, end: one.end + start + 1, to: one.to };
    return { ...replaced(at, within(at, part, text)), part };
  });
}

/** What is tried with a node of the syntax tree. Words are left alone: they are read by humans. */
const OPERATORS: Record<string, (at: Node, parent: Node, text: string) => Found[]> = {
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
    if (to !== undefined) return [replaced(at, within(at, { start, end: start + operator.length, to }, text))];
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

function changesBelow(at: Node, parent: Node, text: string, once = true): Found[] {
  const own = OPERATORS[at.type]?.(at, parent, text) ?? [];
  const below = once && !/Function/.test(at.type);
  const inner = Object.values(at).flatMap(nodes);
  return [
    ...own.map((one) => ({ ...one, once })),
    ...inner.filter(({ type }) => !TYPES.test(type)).flatMap((one) => changesBelow(one, at, text, below)),
  ];
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
  const found: Found[] = file.endsWith('.sql')
    ? sqlChanges(text)
    : changesBelow(node(parseAst(text, { lang: 'ts' })), node(null), text);
  const mutants = found.map(({ part, once = false, ...change }) => {
    const { start, end, to } = part ?? change;
    const was = onOneLine(text.slice(start, end));
    return { ...change, once, line: lineOf(text, start), was, becomes: to === ';' ? '' : to, unnoticed: null };
  });
  mark(mutants, text);
  return mutants.sort((a, b) => a.line - b.line || a.start - b.start);
}

/** The file as the mutant has it. */
export const broken = (text: string, { start, end, to }: Change) => `${text.slice(0, start)}${to}${text.slice(end)}`;

/**
 * The file with all of them in it, each switched on by its number in `globalThis.mutant`. They are nested as the
 * expressions are; those of the same expression stand one behind the other.
 */
export function switchable(text: string, mutants: readonly (Change & { number: number })[]): string {
  const outermost = [...mutants].sort((a, b) => a.start - b.start || b.end - a.end);
  const render = (start: number, end: number, inside: typeof outermost): string => {
    const [first] = inside;
    if (first === undefined) return text.slice(start, end);
    const same = inside.filter((one) => one.start === first.start && one.end === first.end);
    const inner = inside.filter((one) => one.start < first.end && !same.includes(one));
    const behind = inside.filter((one) => one.start >= first.end);
    const intact = render(first.start, first.end, inner);
    const switched =
      first.to === ';'
        ? `{ if (globalThis.mutant !== ${first.number}) ${intact} }`
        : `(${same.map(({ number, to }) => `globalThis.mutant === ${number} ? (${to}) : `).join('')}(${intact}))`;
    return `${text.slice(start, first.start)}${switched}${render(first.end, end, behind)}`;
  };
  return render(0, text.length, outermost);
}
