import type { ReadTool } from '#pagerduty/read-tool.ts';
import { readTools, writeTools } from '#pagerduty/tools/index.ts';
import { DEFAULT_TOOLSETS, isToolset, TOOLSETS, type Toolset } from '#pagerduty/toolsets.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { DEVIATIONS } from './deviations.ts';
import { cell, readPage, writePage } from './page.ts';

const reads: ReadTool[] = Object.values(readTools);
const writes: WriteTool[] = Object.values(writeTools);

function toolsetRows(toolset: Toolset): string {
  const row = (tool: ReadTool | WriteTool, kind: string) =>
    `| [${tool.name}](${tool.name}.md) | ${kind} | ${cell(tool.title)} |`;
  const own = [
    ...reads.filter((tool) => tool.toolset === toolset).map((tool) => row(tool, 'read')),
    ...writes.filter((tool) => tool.toolset === toolset).map((tool) => row(tool, 'write')),
  ];
  const usual = DEFAULT_TOOLSETS.includes(toolset) ? ' On unless chosen otherwise.' : '';
  return [`## ${toolset}`, '', `${TOOLSETS[toolset]}.${usual}`, '', '| tool | | |', '|---|---|---|', ...own].join('\n');
}

function index(): string {
  return [
    '# Tools',
    `${reads.length} reads and ${writes.length} writes, under the names of PagerDuty's own MCP server. These pages are made by \`npm run docs\` from the declarations and from running every example; a test holds them fresh. Where a tool differs from the official one: [deviations](deviations.md).`,
    ...Object.keys(TOOLSETS).filter(isToolset).map(toolsetRows),
  ]
    .join('\n\n')
    .concat('\n');
}

const WHICH: Record<string, string> = { '*': 'all', reads: 'all reads', writes: 'all writes' };

function deviations(): string {
  const named = (name: string) => WHICH[name] ?? `[${name}](${name}.md)`;
  return [
    '# Where the tools differ from the official ones',
    "Names and arguments are those of PagerDuty's own MCP server. Whatever differs is in this table.",
    [
      '| tools | there | here | why |',
      '|---|---|---|---|',
      ...DEVIATIONS.map(
        (each) => `| ${each.tools.map(named).join(', ')} | ${each.official} | ${each.here} | ${each.why} |`,
      ),
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** Every page of `docs/tools`, by file name. */
export async function pages(): Promise<Map<string, string>> {
  const found = new Map([
    ['README.md', index()],
    ['deviations.md', deviations()],
  ]);
  for (const tool of reads) found.set(`${tool.name}.md`, await readPage(tool));
  for (const tool of writes) found.set(`${tool.name}.md`, await writePage(tool));
  return found;
}
