import type { z } from 'zod';
import { ApprovalError } from '#process/errors.ts';

/** The fields of a form, parsed. @throws ApprovalError `invalid`: our own pages send only what fits. */
export function parseForm<T>(form: URLSearchParams, schema: z.ZodType<T>): T {
  for (const [name, value] of form) {
    // PostgreSQL cannot store it.
    if (value.includes('\0')) throw new ApprovalError('invalid', `${name}: must not contain the character U+0000`);
  }
  const parsed = schema.safeParse(Object.fromEntries(form));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ApprovalError('invalid', `${issue?.path.join('.') || 'The form'}: ${issue?.message ?? 'cannot be read'}`);
}
