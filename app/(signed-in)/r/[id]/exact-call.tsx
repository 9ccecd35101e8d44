import { CopyButton } from '#app/_ui/copy-button.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { RequestDetail } from '#approvals/views/queries.ts';
import { reveal } from '#pagerduty/visible-text.ts';

function Bytes({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm text-muted">{name}</h3>
        <CopyButton text={text} what={name.toLowerCase()} />
      </div>
      <pre className="rounded-md bg-sunken px-3 py-2 text-sm whitespace-pre-wrap">
        <Foreign text={text} className="font-mono" />
      </pre>
      {reveal(text) === text ? null : (
        <p className="mt-1 text-sm text-warn">Hidden characters are written out here; the bytes hold the characters.</p>
      )}
    </div>
  );
}

/** Types, ids behind names, values said in other words: counted and shown, so that nothing is left unsaid. */
function Unsaid({ leaves }: { leaves: RequestDetail['unsaid'] }) {
  if (leaves.length === 0) return <p className="mt-1">Every value it carries is a line above.</p>;
  const count = leaves.length === 1 ? '1 value' : `${leaves.length} values`;
  return (
    <details data-key="unsaid" className="group mt-1">
      <summary className="flex min-h-11 items-center font-medium text-accent underline underline-offset-4">
        It carries {count} that no line above says word for word
      </summary>
      <dl className="grid gap-x-4 gap-y-1 pt-1 text-sm sm:grid-cols-[auto_1fr]">
        {leaves.map(({ path, value }) => (
          <div key={path} className="contents">
            <dt className="font-mono text-muted wrap-anywhere">
              <Foreign text={path} />
            </dt>
            <dd className="wrap-anywhere">
              <Foreign text={value} className="font-mono" />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Exactly what is sent, and what the decision is bound to. */
export function ExactCall({ detail }: { detail: RequestDetail }) {
  const { call, tool, digest, canonical, unsaid } = detail;
  return (
    <Section title="Exact call">
      <p>
        <code className="font-mono text-sm font-semibold">{call.method}</code>{' '}
        <Foreign text={call.path} className="font-mono text-sm" />, by the tool{' '}
        <code className="font-mono text-sm wrap-anywhere">{tool}</code>
      </p>
      <Unsaid leaves={unsaid} />
      <details data-key="call" className="group mt-1">
        <summary className="flex min-h-11 items-center font-medium text-accent underline underline-offset-4">
          Show the exact bytes and the digest
        </summary>
        <div className="space-y-3 pt-1">
          {call.body === null ? <p>It has no body.</p> : <Bytes name="Body" text={call.body} />}
          <Bytes name="Canonical text" text={canonical} />
          <Bytes name="Digest" text={digest} />
          <p className="text-sm text-muted">
            The digest is the SHA-256 of the canonical text. Your decision carries it, and the sender computes it again:
            nothing else can be sent in its place.
          </p>
        </div>
      </details>
    </Section>
  );
}
