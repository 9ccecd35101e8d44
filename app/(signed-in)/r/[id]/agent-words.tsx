import { Bot, SearchAlert } from 'lucide-react';
import type { RequestDetail } from '#approvals/queries.ts';
import { Foreign } from '../../../_ui/foreign.tsx';
import { Notice } from '../../../_ui/notice.tsx';
import { Section, Sentences } from '../../../_ui/section.tsx';

function Findings({ title, findings }: { title: string; findings: string[] }) {
  if (findings.length === 0) return null;
  return (
    <Notice tone="bad" icon={SearchAlert} title={title}>
      <Sentences>
        {findings.map((finding) => (
          <li key={finding}>{finding}</li>
        ))}
      </Sentences>
    </Notice>
  );
}

/** What was found in the arguments, and then, set apart from all our own words, the agent's. */
export function AgentWords({ detail }: { detail: RequestDetail }) {
  const { findings, agentSays } = detail;
  return (
    <>
      {findings.length === 0 ? null : (
        <Section title="Findings">
          <Findings title="The arguments hold suspicious text." findings={findings} />
        </Section>
      )}
      <Section title="What the agent says">
        {agentSays === null ? (
          <p className="text-muted">The agent gave no reason.</p>
        ) : (
          <div className="space-y-3">
            <div className="rounded-md border-2 border-dashed border-foreign-line bg-foreign px-4 py-3">
              <p className="mb-2 flex items-center gap-2 text-sm font-semibold">
                <Bot aria-hidden className="size-4 shrink-0" />
                Written by the agent. Not checked.
              </p>
              <blockquote>
                <Foreign text={agentSays.text} />
              </blockquote>
            </div>
            <Findings title="The agent’s words hold suspicious text." findings={agentSays.findings} />
          </div>
        )}
      </Section>
    </>
  );
}
