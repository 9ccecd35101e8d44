import type { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { user } from '../../schemas.ts';
import { line, refs, shownName } from '../words/answers.ts';

/** What an agent sees of a person. No tool takes a mail address, ids are enough to act: addresses and phones stay inside. */
export function userFields(person: z.infer<typeof user>): JsonObject {
  return {
    id: person.id,
    name: shownName(person),
    role: person.role ?? null,
    job_title: line(person.job_title),
    time_zone: person.time_zone ?? null,
    teams: refs(person.teams),
  };
}
