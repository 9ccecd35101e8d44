import { ClockTime } from '#app/_live/time.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Section } from '#app/_ui/section.tsx';
import { STATUS_SIGNS } from '#app/_ui/status-badge.tsx';
import { MEANING } from '#approvals/lifecycle.ts';
import type { RequestDetail, TimelineEntry } from '#approvals/views/queries.ts';

function Entry({ entry }: { entry: TimelineEntry }) {
  const { icon: Icon } = STATUS_SIGNS[entry.toStatus];
  const evidence = entry.detail?.evidence;
  return (
    <li className="flex gap-3 py-1.5">
      <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" />
      <div className="min-w-0">
        <p>
          <span className="font-medium">{entry.moved ? MEANING[entry.toStatus].word : 'Noted'}</span>{' '}
          <span className="text-muted">
            by <Foreign text={entry.by} /> at <ClockTime at={entry.at.toISOString()} />
          </span>
        </p>
        {entry.because === null ? null : <Foreign text={entry.because} className="block" />}
        {typeof evidence === 'string' ? (
          <p>
            Saw: <Foreign text={evidence} />
          </p>
        ) : null}
      </div>
    </li>
  );
}

function Answer({ result }: { result: unknown }) {
  if (result === null || result === undefined) return null;
  return (
    <details className="mt-2">
      <summary className="flex min-h-11 items-center font-medium text-accent underline underline-offset-4">
        What PagerDuty answered
      </summary>
      <pre className="rounded-md bg-sunken px-3 py-2 text-sm whitespace-pre-wrap">
        <Foreign text={JSON.stringify(result, null, 2)} className="font-mono" />
      </pre>
    </details>
  );
}

/** Every event of the request, oldest first. */
export function Timeline({ detail }: { detail: RequestDetail }) {
  return (
    <Section title="Timeline">
      <ol>
        {detail.timeline.map((entry) => (
          <Entry key={entry.version} entry={entry} />
        ))}
      </ol>
      <Answer result={detail.result} />
      <p className="mt-2 text-sm text-muted">
        Request <Foreign text={detail.id} className="font-mono" />
      </p>
    </Section>
  );
}
