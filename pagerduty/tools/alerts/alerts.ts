import type { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { alert } from '../../schemas.ts';
import { block, line, ref } from '../words/answers.ts';

/** Monitoring puts anything there; the text form is bounded and made visible as a whole. */
const detailsText = (details: unknown) =>
  details === undefined || details === null
    ? null
    : block(typeof details === 'string' ? details : JSON.stringify(details));

/** What an agent sees of an alert. */
export function alertFields(item: z.infer<typeof alert>): JsonObject {
  return {
    id: item.id,
    summary: line(item.summary),
    status: item.status ?? null,
    severity: item.severity ?? null,
    suppressed: item.suppressed ?? null,
    created_at: item.created_at ?? null,
    alert_key: line(item.alert_key),
    service: ref(item.service),
    details: detailsText(item.body?.details),
  };
}
