import { CircleHelp } from 'lucide-react';
import type { Live } from '#approvals/live.ts';
import type { RequestDetail } from '#approvals/queries.ts';
import type { Undo } from '#pagerduty/write-tool.ts';
import { Foreign } from '../../../_ui/foreign.tsx';
import { Notice } from '../../../_ui/notice.tsx';
import { Section, Sentences } from '../../../_ui/section.tsx';

function UndoSentence({ undo }: { undo: Undo }) {
  if (!undo.possible) {
    return (
      <p>
        <strong>No.</strong> <Foreign text={undo.because} />
      </p>
    );
  }
  return (
    <p>
      <strong>{undo.complete ? 'Yes.' : 'Partly.'}</strong> <Foreign text={undo.note} /> It takes another request of{' '}
      <code className="font-mono text-sm wrap-anywhere">{undo.tool}</code>, which needs its own approval.
    </p>
  );
}

/** Who starts and stops being paged, what closes; and whether it can be undone. */
export function Effect({ detail, live }: { detail: RequestDetail; live: Live | null }) {
  const { effect } = live?.known ? live.summary : detail.summary;
  return (
    <>
      <Section title="Effect">
        {effect.known ? null : (
          <div className="mb-3">
            <Notice tone="warn" icon={CircleHelp} title="The whole effect could not be computed." />
          </div>
        )}
        <Sentences>
          {effect.lines.map((line) => (
            <li key={line}>
              <Foreign text={line} />
            </li>
          ))}
        </Sentences>
      </Section>
      <Section title="Can it be undone?">
        <UndoSentence undo={detail.undo} />
      </Section>
    </>
  );
}
