import { PageTitle, RefreshOnChange } from '#app/_live/live.tsx';
import type { Card } from '#app/_server/card.ts';
import { Foreign } from '#app/_ui/foreign.tsx';
import { can, MEANING } from '#approvals/lifecycle.ts';
import { AgentWords } from './agent-words.tsx';
import { Asker } from './asker.tsx';
import { Changes } from './changes.tsx';
import { DecideBar } from './decide-bar.tsx';
import { Effect } from './effect.tsx';
import { ExactCall } from './exact-call.tsx';
import { Facts } from './facts.tsx';
import { Proposal } from './links.tsx';
import { Outcome } from './outcome.tsx';
import { Secrets } from './secrets.tsx';
import { SettlePanel } from './settle-panel.tsx';
import { Timeline } from './timeline.tsx';

/** PagerDuty changes without telling us, so an undecided page reads it again by itself. */
const READ_AGAIN_MS = 60_000;

/**
 * Everything about one request, and below it the bar to decide on it.
 * @param props.handover the token of the link from Slack that the decision uses up.
 */
export function RequestCard({ card, handover }: { card: Card; handover?: string }) {
  const { detail, live, drift, next, fingerprint } = card;
  const { id, status, may, final } = detail;
  const serverNow = detail.now.getTime();
  return (
    <article className="pt-4 sm:pt-6">
      <PageTitle of={detail.title} />
      <RefreshOnChange of={id} {...(final ? {} : { everyMs: READ_AGAIN_MS })} />
      <div className="border-y border-line bg-surface sm:rounded-t-lg sm:border-x">
        <header className="px-4 py-5 sm:px-6">
          <h1 className="mb-3 text-xl leading-snug font-semibold text-pretty sm:text-2xl">
            <Foreign text={detail.title} />
          </h1>
          <Proposal detail={detail} />
          <Outcome detail={detail} next={next} />
          <Facts detail={detail} />
        </header>
        {MEANING[status].phase === 'unclear' ? <SettlePanel detail={detail} /> : null}
        <Secrets detail={detail} />
        <Changes detail={detail} live={live} drift={drift} />
        <Effect detail={detail} live={live} />
        <Asker detail={detail} />
        <AgentWords detail={detail} />
        <ExactCall detail={detail} />
        <Timeline detail={detail} />
      </div>
      <DecideBar
        id={id}
        digest={detail.digest}
        handover={handover}
        fingerprint={fingerprint}
        may={may}
        open={{ approve: can.approve(status).allowed, deny: can.deny(status).allowed }}
        final={final}
        drift={drift}
        risk={detail.risk}
        title={detail.title}
        effect={(live?.known ? live.summary : detail.summary).effect.lines}
        expiresAt={detail.expiresAt.toISOString()}
        serverNow={serverNow}
      />
    </article>
  );
}
