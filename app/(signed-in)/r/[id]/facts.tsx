import { Age, TimeLeft } from '#app/_live/time.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { RiskBadge } from '#app/_ui/risk-badge.tsx';
import { Fact } from '#app/_ui/section.tsx';
import { MEANING } from '#approvals/lifecycle.ts';
import type { RequestDetail } from '#approvals/views/queries.ts';

function OnCall({ detail, serverNow }: { detail: RequestDetail; serverNow: number }) {
  const { onCall, escalationPolicyIds } = detail;
  if (escalationPolicyIds.length === 0) return <>This belongs to no escalation policy: the fallback group decides.</>;
  if (!onCall.known) return <>Not known: {onCall.because}</>;
  return (
    <>
      {onCall.names.length === 0 ? (
        'Nobody; the fallback group decides.'
      ) : (
        <ul className="max-sm:text-sm">
          {onCall.names.map((name) => (
            <li key={name}>
              <Foreign text={name} />
            </li>
          ))}
        </ul>
      )}
      {onCall.asOf === null ? null : (
        <span className="text-sm text-muted">
          Read from PagerDuty <Age at={onCall.asOf.toISOString()} serverNow={serverNow} />
        </span>
      )}
    </>
  );
}

/** Service, target, risk, who is on call, time left. */
export function Facts({ detail }: { detail: RequestDetail }) {
  const { summary, risk, riskReasons, reviewsRequired, approvals, expiresAt, now, status, final } = detail;
  const serverNow = now.getTime();
  return (
    <dl className="mt-4 grid gap-x-6 gap-y-2 sm:grid-cols-2 sm:gap-y-3">
      {summary.services.length === 0 ? null : (
        <Fact name={summary.services.length > 1 ? 'Services' : 'Service'}>
          <Foreign text={summary.services.join(', ')} />
        </Fact>
      )}
      <Fact name="Target">
        <Foreign text={summary.target} />
      </Fact>
      <Fact name="Risk">
        <RiskBadge risk={risk} />
        <ul className="mt-1 text-sm">
          {riskReasons.map((reason) => (
            <li key={reason}>
              <Foreign text={reason} />
            </li>
          ))}
        </ul>
      </Fact>
      {final ? null : (
        <Fact name="On call now">
          <OnCall detail={detail} serverNow={serverNow} />
        </Fact>
      )}
      {MEANING[status].phase === 'waiting' ? (
        <Fact name="Time left">
          <TimeLeft expiresAt={expiresAt.toISOString()} serverNow={serverNow} />
        </Fact>
      ) : null}
      {reviewsRequired > 1 ? (
        <Fact name="Approvals">
          {approvals} of {reviewsRequired}, by different people
        </Fact>
      ) : null}
    </dl>
  );
}
