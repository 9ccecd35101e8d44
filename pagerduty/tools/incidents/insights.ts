import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { line } from '../words/answers.ts';

const text = z.string().nullish();

/** How PagerDuty shows an incident inside what it relates to another: little more than a title. */
export const mention = z.object({ id: z.string(), title: text, summary: text, created_at: text });

export const mentionFields = (incident: z.infer<typeof mention>): JsonObject => ({
  id: incident.id,
  title: line(incident.title ?? incident.summary),
  created_at: incident.created_at ?? null,
});
