import type { Json, JsonObject } from '../../json.ts';
import type { AttemptFacts, Evidence } from '../../write-tool.ts';
import { earliest } from '../evidence/traces.ts';
import { line } from '../words/answers.ts';
import { routerAnswer, stampOf } from './router.ts';

/** @throws Error when the answer is not that router. */
export function answeredRouter(orchestrationId: string, body: Json): { router: JsonObject; result: JsonObject } {
  const { orchestration_path: router, warnings } = routerAnswer.parse(body);
  const { parentId, version } = stampOf(router);
  if (parentId !== null && parentId !== orchestrationId) throw new TypeError('The answer shows another router.');
  const told = (warnings ?? []).map(({ message }) => line(message));
  const result = { orchestration_id: orchestrationId, version, ...(told.length === 0 ? {} : { warnings: told }) };
  return { router, result };
}

/**
 * What it means that the router does not show what was asked for. Every change gives it a new version and time, so an
 * old time proves that nothing was changed.
 */
export function lastChangedBefore(router: JsonObject, attempt: AttemptFacts): Evidence {
  const { updatedAt } = stampOf(router);
  if (updatedAt !== null && Date.parse(updatedAt) < earliest(attempt).getTime()) {
    return { applied: false, because: 'The router was last changed before the call was to be sent.' };
  }
  const because = 'The router was changed since, but does not show what was asked for. A human must look.';
  return { applied: null, because };
}
