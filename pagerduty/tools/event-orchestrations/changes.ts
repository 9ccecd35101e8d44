import type { RouterFacts, RuleFacts } from './router.ts';

interface RuleChange {
  /** Null for a rule that is added. */
  now: RuleFacts | null;
  /** Null for a rule that is dropped. */
  after: RuleFacts | null;
  /** 1-based; where it stands after, or where a dropped one stands now. */
  position: number;
  /** 1-based place it moves away from; null when the order of the rules that stay is the same for it. */
  movedFrom: number | null;
}

export interface Difference {
  changes: RuleChange[];
  /** How many rules stay as and where they are. */
  same: number;
  catchAllChanges: boolean;
}

const does = ({ id: _id, ...rule }: RuleFacts) => JSON.stringify(rule);

/** Which rule of before each rule of after is: by its id, else by doing the same. */
function paired(now: RuleFacts[], after: RuleFacts[]): (RuleFacts | null)[] {
  const free = new Set(now);
  const take = (found: RuleFacts | undefined) => {
    if (found !== undefined) free.delete(found);
    return found ?? null;
  };
  const byId = after.map(({ id }) => take(id === null ? undefined : now.find((one) => one.id === id)));
  return byId.map((found, index) => {
    const rule = after[index];
    return found ?? take(rule && [...free].find((one) => does(one) === does(rule)));
  });
}

/** What changes from one list of rules to the other, in the order of the latter, then what is dropped. */
export function differenceOf(now: RouterFacts, after: RouterFacts): Difference {
  const pairs = paired(now.rules, after.rules);
  const stay = now.rules.filter((rule) => pairs.includes(rule));
  const order = pairs.filter((rule) => rule !== null);
  const changes = after.rules.flatMap((rule, index): RuleChange[] => {
    const former = pairs[index] ?? null;
    if (former === null) return [{ now: null, after: rule, position: index + 1, movedFrom: null }];
    const moved = stay.indexOf(former) !== order.indexOf(former);
    if (!moved && does(former) === does(rule)) return [];
    const movedFrom = moved ? now.rules.indexOf(former) + 1 : null;
    return [{ now: former, after: rule, position: index + 1, movedFrom }];
  });
  const dropped = now.rules.flatMap((rule, index): RuleChange[] =>
    pairs.includes(rule) ? [] : [{ now: rule, after: null, position: index + 1, movedFrom: null }],
  );
  return {
    changes: [...changes, ...dropped],
    same: after.rules.length - changes.length,
    catchAllChanges: now.catchAll !== after.catchAll,
  };
}

/** Ids of the services that get other events than now, as far as the rules tell. */
export function touchedIds(now: RouterFacts, after: RouterFacts): string[] {
  const { changes, catchAllChanges } = differenceOf(now, after);
  const targets = changes.flatMap((change) => [change.now?.to ?? [], change.after?.to ?? []].flat());
  // What a rule no longer takes, or takes from now on, falls to the catch-all or is missing there.
  const rest = changes.length > 0 || catchAllChanges ? [now.catchAll, after.catchAll] : [];
  return [...new Set([...targets, ...rest])].filter((to) => to !== 'unrouted').sort();
}
