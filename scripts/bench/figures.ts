/** What was measured, beside what it is compared with; `aim` says when it is good enough. */
export interface Figure {
  name: string;
  value: number;
  /** Of the value, and of what it is compared with; empty for a count. */
  unit: string;
  /** Measured in turn with the value, so that both met the same machine. */
  against?: { name: string; value: number };
  aim?: { of: 'value' | 'ratio'; at: 'least' | 'most'; value: number };
}

/** The value below which that share of the sorted values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** @returns milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/**
 * Does each in turn, again and again, there and back: no two runs meet the same machine, and a neighbour's disturbance
 * meets each alike.
 * @param works each answers with what it measured.
 */
export async function inTurn<Name extends string>(
  times: number,
  works: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const order = Object.entries<() => Promise<number>>(works);
  const all = new Map(order.map(([name]) => [name, [] as number[]]));
  for (let index = 0; index < times; index++) {
    for (const [name, work] of index % 2 === 0 ? order : order.toReversed()) all.get(name)?.push(await work());
  }
  // The cast holds: the names are those of the works.
  return Object.fromEntries(all) as Record<Name, number[]>;
}

const ratioOf = ({ value, against }: Figure) => (against === undefined ? null : value / against.value);

function met(figure: Figure): boolean | null {
  const { aim } = figure;
  if (aim === undefined) return null;
  const judged = aim.of === 'ratio' ? ratioOf(figure) : figure.value;
  return judged !== null && (aim.at === 'least' ? judged >= aim.value : judged <= aim.value);
}

/** The figure with what follows from it. */
export const judged = (figure: Figure) => ({ ...figure, ratio: ratioOf(figure), met: met(figure) });

const rounded = (value: number) =>
  Number.isInteger(value) || Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);

function row(figure: Figure): string[] {
  const { name, value, unit, against, aim, ratio, met } = judged(figure);
  return [
    name,
    `${rounded(value)} ${unit}`.trimEnd(),
    against === undefined ? '' : `${rounded(against.value)} ${unit} ${against.name}`,
    ratio === null ? '' : ratio.toFixed(2),
    aim === undefined ? '' : `${aim.of} at ${aim.at} ${aim.value}`,
    met === null ? '' : met ? 'met' : 'MISSED',
  ];
}

/** The figures as a table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = [['', 'measured', 'compared with', 'ratio', 'aim', ''], ...figures.map(row)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const numeric = [1, 3];
  const padded = (cell: string, column: number) =>
    numeric.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((cells) => cells.map(padded).join('  ').trimEnd()).join('\n');
}
