import type { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { Undo } from '../../write-tool.ts';
import { differenceOf } from './changes.ts';
import { type RouterFacts, type RuleFacts, routerFacts } from './router.ts';

/** A former rule; what it did not have is only named where the rule has it after the change. */
function asAsked(rule: RuleFacts, after: RuleFacts | undefined): JsonObject {
  const { id, label, conditions, to, dynamic, disabled } = rule;
  const actions: JsonObject = dynamic
    ? { dynamic_route_to: { source: dynamic.source, regex: dynamic.regex, lookup_by: dynamic.lookupBy } }
    : { route_to: to };
  return {
    ...(id === null ? {} : { id }),
    ...(label === '' && (after?.label ?? '') === '' ? {} : { label }),
    conditions: conditions.map((expression) => ({ expression })),
    actions,
    ...(disabled || after?.disabled ? { disabled } : {}),
  };
}

/** The former router as arguments of `update_event_orchestration_router`, whose input schema this is to be given. */
export function formerRouter(input: z.ZodType, orchestrationId: string, router: JsonObject, after: RouterFacts): Undo {
  const now = routerFacts(router);
  const back = {
    orchestration_id: orchestrationId,
    router_update: {
      orchestration_path: {
        sets: [
          {
            rules: now.rules.map((rule) =>
              asAsked(
                rule,
                after.rules.find(({ id }) => id !== null && id === rule.id),
              ),
            ),
          },
        ],
        catch_all: { actions: { route_to: now.catchAll } },
      },
    },
  };
  if (!input.safeParse(back).success) {
    return { possible: false, because: 'The former router has rules that cannot be asked for with this tool.' };
  }
  const dropped = differenceOf(now, after).changes.filter((change) => change.after === null);
  const lost = dropped.some((change) => (change.now?.extra.length ?? 0) > 0);
  const notes = [
    'Puts the former rules back; what was paged meanwhile has been paged.',
    ...(dropped.length > 0 ? ['Dropped rules come back under new ids.'] : []),
    ...(lost ? ['What they carried besides label, conditions and route is lost.'] : []),
  ];
  return {
    possible: true,
    tool: 'update_event_orchestration_router',
    input: back,
    complete: dropped.length === 0,
    note: notes.join(' '),
  };
}
