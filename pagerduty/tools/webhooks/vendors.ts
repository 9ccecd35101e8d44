import type { JsonObject } from '../../json.ts';
import { block, line } from '../words/answers.ts';
import { shareable } from '../words/secrets.ts';
import { oneLine } from '../words/wording.ts';
import type { PagerDutyExtensionSchema } from './shapes.ts';

export const schemaName = ({ label, summary, id }: PagerDutyExtensionSchema): string =>
  oneLine(shareable(label ?? summary ?? id));

/** What agents see of an extension vendor. */
export const schemaFields = (schema: PagerDutyExtensionSchema): JsonObject => ({
  id: schema.id,
  name: schemaName(schema),
  key: line(schema.key),
  description: block(schema.description),
  send_types: (schema.send_types ?? []).map((type) => oneLine(type)),
  guide_url: line(schema.guide_url),
});
