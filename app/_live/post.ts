'use client';

/** What a door answered. */
export type Reply = { ok: true; message: string | null; goTo: string | null } | { ok: false; sentence: string };

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** POSTs a form to one of our own doors. Never throws: a silence is told as what it is. */
export async function post(path: string, fields: Record<string, string>): Promise<Reply> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(fields),
    });
    const answer: { message?: unknown; goTo?: unknown; error?: unknown } = await response.json();
    if (response.ok) return { ok: true, message: text(answer.message), goTo: text(answer.goTo) };
    return { ok: false, sentence: text(answer.error) ?? 'Countersign answered in an unexpected way.' };
  } catch {
    return {
      ok: false,
      sentence:
        'Countersign did not answer. Your decision may or may not have arrived; look again before you repeat it.',
    };
  }
}
