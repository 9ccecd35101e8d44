import { z } from 'zod';
import { TERMS } from '#approvals/limits.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { publishedSchema } from '#pagerduty/published.ts';
import type { ReadTool } from '#pagerduty/read-tool.ts';
import type { RiskLevel, Undo, WriteTool } from '#pagerduty/write-tool.ts';
import { exampleOfRead, exampleOfWrite, shortened, type WriteExample } from './rehearse.ts';

/** Text in a table cell or a sentence: what would end it is escaped. */
export const cell = (text: string): string => text.replace(/[\\|<>*_`[\]]/g, '\\$&').replace(/\s*\n\s*/g, ' ');

const code = (value: Json): string => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;

interface Property {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  items?: Property;
  properties?: Record<string, Property>;
  required?: string[];
}

function typeOf({ type, enum: values, const: only, format, items }: Property): string {
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(', ');
  if (only !== undefined) return JSON.stringify(only);
  if (type === 'array') return `list of ${typeOf(items ?? {})}`;
  return format ?? String(type ?? 'anything');
}

/** One line per argument, nested ones by their dotted name. */
function argumentRows(schema: Property, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const needed = schema.required?.includes(name) ? 'yes' : '';
    const row = `| \`${path}\` | ${cell(typeOf(property))} | ${needed} | ${cell(property.description ?? '')} |`;
    const inner = property.type === 'array' ? (property.items ?? {}) : property;
    return [row, ...argumentRows(inner, property.type === 'array' ? `${path}[].` : `${path}.`)];
  });
}

/** Arguments that are taken without being offered: those of the official server that change nothing here. */
function takenToo(tool: ReadTool | WriteTool): string {
  // The casts hold: both are JSON Schema.
  const all = argumentNames(z.toJSONSchema(tool.input, { io: 'input' }) as Property);
  const offered = argumentNames(publishedSchema(tool.input) as Property);
  const rest = all.filter((name) => !offered.includes(name));
  const own = 'annotations' in tool ? ' Besides, every write takes `reason` and `idempotency_key`.' : '';
  if (rest.length === 0) return own.trim();
  return `Taken as well, so that clients of the official server need not change: ${rest.map((name) => `\`${name}\``).join(', ')}.${own}`;
}

function argumentNames(schema: Property, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const list = property.type === 'array';
    const path = `${prefix}${name}`;
    return [path, ...argumentNames(list ? (property.items ?? {}) : property, list ? `${path}[].` : `${path}.`)];
  });
}

/** In the example: how many people, and which. */
function whoDecides(risk: RiskLevel, policies: number): string {
  const people = TERMS[risk].reviewsRequired === 1 ? 'One person approves' : 'Two people approve';
  const minutes = TERMS[risk].reviewWindowSeconds / 60;
  const which =
    policies === 0
      ? 'members of the fallback group, because it belongs to no escalation policy'
      : `on call for ${policies === 1 ? 'the escalation policy' : `all ${policies} escalation policies`} it touches, or of the fallback group`;
  return `${people}: ${which}. Unanswered, it expires after ${minutes >= 120 ? `${minutes / 60} h` : `${minutes} min`}.`;
}

function argumentTable(tool: ReadTool | WriteTool): string {
  // The cast holds: it is JSON Schema.
  const rows = argumentRows(publishedSchema(tool.input) as Property);
  if (rows.length === 0) return 'None.';
  return ['| argument | type | required | |', '|---|---|---|---|', ...rows].join('\n');
}

function head(tool: ReadTool | WriteTool, facts: string[]): string {
  return [`# ${tool.name}`, '', tool.description, '', ...facts.map((fact) => `- ${fact}`)].join('\n');
}

const scopes = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ') || 'none published';

function undoWords(undo: Undo): string {
  if (!undo.possible) return `No. ${cell(undo.because)}`;
  const how = undo.complete ? 'Yes' : 'In part';
  return `${how}, by a request of its own with [${undo.tool}](${undo.tool}.md). ${cell(undo.note)}`;
}

function settled(evidence: WriteExample['applied']): string {
  const status = evidence.applied === null ? 'unknown' : evidence.applied ? 'succeeded' : 'failed';
  return `\`${status}\`: ${cell(evidence.because)}`;
}

/** The page of a write: everything but the description comes from running its example. */
export async function writePage(tool: WriteTool): Promise<string> {
  const { summary, risk, call, undo, applied, lost, policies } = await exampleOfWrite(tool);
  const lines = summary.lines.map(
    ({ label, now, after }) => `| ${cell(label)} | ${now === null ? '' : cell(now)} | ${cell(after)} |`,
  );
  return [
    head(tool, [
      `Toolset \`${tool.toolset}\`, a write: held until a human approved it.`,
      `REST call: \`${tool.source.method} ${tool.source.path}\`${tool.needsFrom ? ', in the name of the approver' : ''}.`,
      `Scope to write: ${tool.source.scope === null ? 'none published' : `\`${tool.source.scope}\``}. Scopes to read: ${scopes(tool.reads)}.`,
      `Asking again for the same ${tool.annotations.idempotentHint ? 'sets the same value' : 'does it once more'}.`,
    ]),
    '## Arguments',
    argumentTable(tool),
    takenToo(tool),
    '## Example',
    code(tool.example),
    'What the human is shown for it, on the invented company:',
    `**${cell(summary.title)}**`,
    ['| | now | after |', '|---|---|---|', ...lines].join('\n'),
    `Risk ${risk.level}: ${cell(risk.reasons.join(' '))}`,
    whoDecides(risk.level, policies),
    summary.effect.lines.map((line) => `- ${cell(line)}`).join('\n'),
    `Can it be undone? ${undoWords(undo)}`,
    'What is sent, once, after approval:',
    code({ method: call.method, path: call.path, body: call.body } satisfies JsonObject),
    '## When the answer is lost',
    [
      `- It was applied. Reading PagerDuty says ${settled(applied)}`,
      `- It never arrived. Reading PagerDuty says, after the settle window, ${settled(lost)}`,
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The page of a read. */
export async function readPage(tool: ReadTool): Promise<string> {
  const { answer, text } = await exampleOfRead(tool);
  return [
    head(tool, [
      `Toolset \`${tool.toolset}\`, a read: answers at once.`,
      `REST call: \`${tool.toolset === 'analytics' ? 'POST' : 'GET'} ${tool.source.path}\`. Scopes: ${scopes(tool.reads)}.${tool.toolset === 'analytics' ? ' A read-only REST key cannot ask it.' : ''}`,
    ]),
    '## Arguments',
    argumentTable(tool),
    ...[takenToo(tool)].filter((words) => words !== ''),
    '## Example',
    code(tool.example),
    `${cell(text)} The answer, with long lists cut short:`,
    code(shortened(answer)),
  ]
    .join('\n\n')
    .concat('\n');
}
