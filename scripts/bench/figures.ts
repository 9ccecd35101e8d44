/** One line of the report; `aim` says when it is good enough. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  aim?: { at: 'least' | 'most'; value: number };
}

/** The value below which that share of the sorted values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** Median over the rounds, so that one disturbed round changes nothing. */
export function overRounds<T>(rounds: readonly T[], of: (round: T) => number): number {
  return median(rounds.map(of));
}

function verdict({ value, aim }: Figure): string {
  if (aim === undefined) return '';
  const good = aim.at === 'least' ? value >= aim.value : value <= aim.value;
  return `${good ? 'ok  ' : 'MISS'} (at ${aim.at} ${aim.value})`;
}

const rounded = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2));

/** The figures as a table for people. */
export function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return figures
    .map((figure) => {
      const amount = `${rounded(figure.value)} ${figure.unit}`;
      return `${figure.name.padEnd(width)}  ${amount.padStart(16)}  ${verdict(figure)}`.trimEnd();
    })
    .join('\n');
}
