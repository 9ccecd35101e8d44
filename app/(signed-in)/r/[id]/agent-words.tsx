import { Bot, SearchAlert, UserRound } from 'lucide-react';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Notice } from '#app/_ui/notice.tsx';
import { Section, Sentences } from '#app/_ui/section.tsx';
import type { RequestDetail } from '#approvals/views/queries.ts';

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

/** What was found in the arguments, and then, set apart from all our own words, the asker's. */
export function AgentWords({ detail }: { detail: RequestDetail }) {
  const { findings, agentSays, proposedByName } = detail;
  const Author = proposedByName === null ? Bot : UserRound;
  const who = proposedByName === null ? 'the agent' : 'who proposed it';
  return (
    <>
      {findings.length === 0 ? null : (
        <Section title="Findings">
          <Findings title="The arguments hold suspicious text." findings={findings} />
        </Section>
      )}
      <Section title={proposedByName === null ? 'What the agent says' : 'Note'}>
        {agentSays === null ? (
          <p className="text-muted">{proposedByName === null ? 'The agent gave no reason.' : 'There is no note.'}</p>
        ) : (
          <div className="space-y-3">
            <div className="rounded-md border-2 border-dashed border-foreign-line bg-foreign px-4 py-3">
              <p className="mb-2 flex items-center gap-2 text-sm font-semibold">
                <Author aria-hidden className="size-4 shrink-0" />
                Written by {who}. Not checked.
              </p>
              <blockquote>
                <Foreign text={agentSays.text} />
              </blockquote>
            </div>
            <Findings title="These words hold suspicious text." findings={agentSays.findings} />
          </div>
        )}
      </Section>
    </>
  );
}
