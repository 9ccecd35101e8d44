import { z } from 'zod';
import { invalid } from './route.ts';

export const userTarget = z.object({ id: z.string(), type: z.enum(['user', 'user_reference']).optional() });
export const idOf = z.object({ id: z.string() });

/** The body in the shape a route needs. @throws Refusal 400/2001 that names the field. */
export function parsedBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(...parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'Body'}: ${message}`));
}
