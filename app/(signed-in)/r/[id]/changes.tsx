import { History, Unplug } from 'lucide-react';
import { Age, ClockTime } from '#app/_live/time.tsx';
import { ChangeTable } from '#app/_ui/change-table.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Notice } from '#app/_ui/notice.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { Live } from '#approvals/views/live.ts';
import type { RequestDetail } from '#approvals/views/queries.ts';
import { ReadAgain } from './read-again.tsx';

function ReadingAge({ detail, live }: { detail: RequestDetail; live: Live | null }) {
  const known = live?.known ? live.asOf : null;
  return (
    <span className="flex items-center gap-1 text-sm text-muted">
      {known === null ? (
        <span>
          As read when it was asked, <ClockTime at={detail.createdAt.toISOString()} />
        </span>
      ) : (
        <span>
          Read from PagerDuty <Age at={known.toISOString()} serverNow={detail.now.getTime()} />
        </span>
      )}
      {live === null ? null : <ReadAgain />}
    </span>
  );
}

/** Now and after, field by field, from PagerDuty as it is. */
export function Changes({ detail, live, drift }: { detail: RequestDetail; live: Live | null; drift: string | null }) {
  const { lines } = live?.known ? live.summary : detail.summary;
  return (
    <Section
      title={live === null ? 'What it asked to change' : 'What will change'}
      aside={<ReadingAge detail={detail} live={live} />}
    >
      <div className="space-y-3">
        {live !== null && !live.known ? (
          <Notice tone="warn" icon={Unplug} title="PagerDuty could not be read just now.">
            <p>
              <Foreign text={live.because} /> You see what it was when the agent asked. It is read again before anything
              is sent.
            </p>
          </Notice>
        ) : null}
        {drift === null ? null : (
          <Notice tone="warn" icon={History} title="PagerDuty has changed since the agent asked.">
            <p>
              <Foreign text={drift} /> It would not be sent any more. The agent can ask again.
            </p>
          </Notice>
        )}
        <ChangeTable lines={lines} asked={detail.summary.lines} now={live === null ? 'Before' : 'Now'} />
      </div>
    </Section>
  );
}
