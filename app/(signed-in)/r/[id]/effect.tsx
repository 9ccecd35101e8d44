import { CircleHelp } from 'lucide-react';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Notice } from '#app/_ui/notice.tsx';
import { Section, Sentences } from '#app/_ui/section.tsx';
import type { Live } from '#approvals/views/live.ts';
import type { RequestDetail } from '#approvals/views/queries.ts';
import type { Undo } from '#pagerduty/write-tool.ts';
import { RequestLinks } from './links.tsx';
import { ProposeUndo } from './propose-undo.tsx';

function UndoSentence({ undo, ran }: { undo: Undo; ran: boolean }) {
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
      <code className="font-mono text-sm wrap-anywhere">{undo.tool}</code>, which needs its own approval
      {undo.input === null && !ran ? ', once PagerDuty has told the new id.' : '.'}
    </p>
  );
}

/** Whether it can be undone; after it was applied also the way to propose it, and what was proposed. */
function Undoing({ detail }: { detail: RequestDetail }) {
  const { id, undo, undoneBy, may, meaning } = detail;
  const ran = meaning.ran === true;
  const open = undoneBy.some(({ final }) => !final);
  return (
    <Section title="Can it be undone?">
      <UndoSentence undo={undo} ran={ran} />
      {undoneBy.length === 0 ? null : (
        <div className="mt-2">
          <h3 className="text-sm text-muted">Proposed to undo it</h3>
          <RequestLinks items={undoneBy} />
        </div>
      )}
      {ran && undo.possible && !open ? <ProposeUndo id={id} may={may.undo} /> : null}
    </Section>
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
      <Undoing detail={detail} />
    </>
  );
}
