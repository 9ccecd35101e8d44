import type { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { line, refs } from '../words/answers.ts';
import { factsOf, groupingWords, type setting } from './settings.ts';

/** What agents get to see of a setting. */
export function settingFields(answered: z.infer<typeof setting>): JsonObject {
  const facts = factsOf(answered);
  const { fields, iag_fields: similar, ...config } = facts.config;
  const lines = (list: string[]) => list.map((one) => line(one));
  return {
    id: facts.id,
    name: line(facts.name),
    description: line(facts.description),
    type: facts.type,
    config: {
      ...config,
      ...(fields === undefined ? {} : { fields: lines(fields) }),
      ...(similar === undefined ? {} : { iag_fields: lines(similar) }),
      ...(facts.recommendedWindow === null ? {} : { recommended_time_window: facts.recommendedWindow }),
    },
    groups: groupingWords(facts),
    services: refs(answered.services),
    created_at: facts.createdAt,
    updated_at: facts.updatedAt,
  };
}
