import { CircleHelp } from 'lucide-react';
import { ClockTime } from '#app/_live/time.tsx';
import { Notice } from '#app/_ui/notice.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { RequestDetail } from '#approvals/views/queries.ts';
import { SettleForms } from './settle-forms.tsx';

/** What a human does when nobody knows whether PagerDuty applied it. */
export function SettlePanel({ detail }: { detail: RequestDetail }) {
  const { settleAfter, now, may, id } = detail;
  const windowOver = settleAfter !== null && settleAfter <= now;
  return (
    <Section title="Find out what happened">
      <Notice tone="odd" icon={CircleHelp} title="It was sent once, and it is not known whether PagerDuty applied it.">
        <p>
          It is never sent again by itself. Countersign reads PagerDuty to find out
          {settleAfter === null || windowOver ? (
            '.'
          ) : (
            <>
              ; until <ClockTime at={settleAfter.toISOString()} /> a lost call could still arrive.
            </>
          )}
        </p>
      </Notice>
      <SettleForms id={id} windowOver={windowOver} byHand={may.settle} />
    </Section>
  );
}
