import { ClockTime } from '#app/_live/time.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { RequestDetail } from '#approvals/views/queries.ts';
import { RevealSecret } from './reveal-secret.tsx';

/** What PagerDuty told once and only humans may see; nothing for almost every request. The values are not in the page. */
export function Secrets({ detail }: { detail: RequestDetail }) {
  const { id, secrets } = detail;
  if (secrets.length === 0) return null;
  return (
    <Section title="For humans only">
      <ul className="space-y-3">
        {secrets.map(({ label, shown, may }) => (
          <li key={label}>
            <RevealSecret id={id} label={label} shown={shown !== null} may={may} />
            {shown === null ? null : (
              <p className="text-sm text-muted">
                Shown once, to <Foreign text={shown.by} /> at <ClockTime at={shown.at.toISOString()} />. It is not kept.
              </p>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
