import { ArrowRight } from 'lucide-react';
import type { SummaryLine } from '#pagerduty/write-tool.ts';
import { Foreign } from './foreign.tsx';

function Now({ line, asked }: { line: SummaryLine; asked: SummaryLine | undefined }) {
  const differs = asked !== undefined && asked.now !== line.now;
  return (
    <>
      {line.now === null ? <span className="text-muted">nothing yet</span> : <Foreign text={line.now} />}
      {differs ? (
        <span className="block text-sm font-medium text-warn">
          was <Foreign text={asked.now ?? 'nothing'} /> when it was asked
        </span>
      ) : null}
    </>
  );
}

/**
 * Fields with their value now and after; on a phone the three columns become three lines.
 * @param props.now heading of what was read.
 * @param props.asked the same fields as they were when the agent asked.
 */
export function ChangeTable({
  lines,
  asked,
  now,
}: {
  lines: SummaryLine[];
  asked: SummaryLine[];
  now: 'Now' | 'Before';
}) {
  return (
    <table className="w-full border-collapse text-left max-sm:block">
      <thead className="max-sm:sr-only">
        <tr className="text-sm text-muted">
          <th scope="col" className="w-1/4 py-1 pr-4 font-normal">
            Field
          </th>
          <th scope="col" className="w-3/8 py-1 pr-4 font-normal">
            {now}
          </th>
          <th scope="col" className="py-1 font-normal">
            After
          </th>
        </tr>
      </thead>
      <tbody className="max-sm:block">
        {lines.map((line, index) => (
          <tr key={`${line.label} ${line.after}`} className="border-t border-line align-top max-sm:block max-sm:py-2">
            <th scope="row" className="py-2 pr-4 font-medium max-sm:block max-sm:py-0">
              <Foreign text={line.label} />
            </th>
            <td className="py-2 pr-4 max-sm:block max-sm:py-0">
              <span aria-hidden className="text-sm text-muted sm:hidden">
                {now}:{' '}
              </span>
              <Now line={line} asked={asked[index]?.label === line.label ? asked[index] : undefined} />
            </td>
            <td className="py-2 font-semibold max-sm:block max-sm:py-0">
              <span aria-hidden className="text-sm font-normal text-muted sm:hidden">
                After:{' '}
              </span>
              <ArrowRight aria-hidden className="mr-1.5 mb-0.5 inline size-4 text-muted max-sm:hidden" />
              <Foreign text={line.after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
