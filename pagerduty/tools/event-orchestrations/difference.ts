import type { Summary, SummaryLine, Watched } from '../../write-tool.ts';
import { atLevel } from '../facts/people.ts';
import { reviewedBy, type TouchedService } from '../facts/touched.ts';
import { clock, counted, listed, oneLine, whole } from '../words/wording.ts';
import { type Difference, differenceOf, touchedIds } from './changes.ts';
import {
  isObject,
  ordered,
  READ_ONLY,
  type RouterBefore,
  type RouterFacts,
  type RuleFacts,
  routerFacts,
  ruleFacts,
  rulesIn,
  ruleWords,
  stampOf,
  targetWords,
} from './router.ts';

/** One line per rule that changes, one for all others, one for the catch-all. */
export function routerLines(before: RouterBefore, after: RouterFacts): SummaryLine[] {
  const now = routerFacts(before.router);
  const { changes, same, catchAllChanges } = differenceOf(now, after);
  const words = (rule: RuleFacts) => ruleWords(rule, before.services);
  const lines = changes.map((change): SummaryLine => {
    if (change.after === null) {
      return { label: `Rule ${change.position}`, now: change.now && words(change.now), after: 'dropped' };
    }
    const from = change.movedFrom === null ? '' : `Rule ${change.movedFrom}, `;
    return {
      label: `Rule ${change.position}${change.now === null ? ', new' : change.movedFrom === null ? '' : ', moved'}`,
      now: change.now && `${from}${words(change.now)}`,
      after: words(change.after),
    };
  });
  if (same > 0) lines.push({ label: 'Other rules', now: counted(same, 'rule'), after: 'as they are' });
  const target = (to: string) => targetWords(to, before.services);
  if (catchAllChanges || changes.length > 0) {
    const stays = catchAllChanges ? '' : ', as now';
    lines.push({
      label: 'Events that match no rule',
      now: target(now.catchAll),
      after: `${target(after.catchAll)}${stays}`,
    });
  }
  return lines;
}

const isDynamic = ({ changes }: Difference) => changes.some(({ now, after }) => now?.dynamic || after?.dynamic);

export const touchedServices = ({ router, services }: RouterBefore, after: RouterFacts): TouchedService[] => {
  const ids = touchedIds(routerFacts(router), after);
  return services.filter(({ id }) => ids.includes(id));
};

/** The policies whose people may review; none, so that the fallback group decides, when any service may be touched. */
export function routerReviewers(before: RouterBefore, after: RouterFacts): string[] {
  const now = routerFacts(before.router);
  // A dynamic rule can route to every service of the account, so nobody on call answers for all it touches.
  return isDynamic(differenceOf(now, after)) ? [] : reviewedBy(touchedServices(before, after));
}

function reached({ rules, catchAll }: RouterFacts): Set<string> {
  return new Set([...rules.filter(({ disabled }) => !disabled).flatMap(({ to }) => to ?? []), catchAll]);
}

/** The rules that can never match, because one before them takes every event. */
function unreachable({ rules }: RouterFacts): number {
  const all = rules.findIndex(({ conditions, dynamic, disabled }) => conditions.length === 0 && !dynamic && !disabled);
  return all < 0 ? 0 : rules.length - all - 1;
}

/** Which services start and stop getting events, who is paged for them, and what becomes of the rest. */
export function routerEffect(before: RouterBefore, after: RouterFacts): Summary['effect'] {
  const { orchestration, services, onCall } = before;
  const now = routerFacts(before.router);
  const difference = differenceOf(now, after);
  const [had, has] = [reached(now), reached(after)];
  const touched = touchedIds(now, after);
  const withPeople = (ids: string[]) =>
    listed(
      ids.map((id) => {
        const policyId = services.find((one) => one.id === id)?.policyId ?? null;
        const people = onCall && policyId ? atLevel(onCall, policyId, 1) : [];
        return `${targetWords(id, services)}${people.length === 0 ? '' : ` (pages ${listed(people, 4)} first)`}`;
      }),
    );
  const starts = touched.filter((id) => has.has(id) && !had.has(id));
  const stops = touched.filter((id) => had.has(id) && !has.has(id));
  const others = touched.filter((id) => had.has(id) && has.has(id));
  const said = [
    `Starts getting events: ${withPeople(starts) || 'no service'}.`,
    `Stops getting events: ${withPeople(stops) || 'no service'}.`,
  ];
  if (others.length > 0) said.push(`May get more or fewer events: ${withPeople(others)}.`);
  if (isDynamic(difference)) said.push('A dynamic rule takes part: events name their service, so it may be any.');
  if (difference.changes.some(({ movedFrom }) => movedFrom !== null)) {
    said.push('The order changes: the first rule that matches decides.');
  }
  if (difference.changes.some((change) => change.now !== null)) {
    said.push('Events that a changed or dropped rule no longer takes go on to the next rule that matches.');
  }
  const never = unreachable(after);
  if (never > 0) said.push(`Never reached, behind a rule for every event: the last ${counted(never, 'rule')}.`);
  if (after.catchAll === 'unrouted') said.push('Events that match no rule go to no service and page nobody.');
  const owner = orchestration.team === null ? 'no team' : `the team ${orchestration.team.name}`;
  const fed = counted(orchestration.integrations.length, 'integration');
  const names = orchestration.integrations.length === 0 ? '' : `: ${listed(orchestration.integrations)}`;
  said.push(`All events of "${orchestration.name}" pass here, from ${fed}${names}; owned by ${owner}.`);
  said.push('Holds from the next event on, until it is changed again; open incidents stay as they are.');
  const found = touched.every((id) => services.some((one) => one.id === id));
  return { known: onCall !== null && found && !isDynamic(difference), lines: said };
}

/** Each rule by itself, so that a refusal names the one that changed, and then which there are, in which order. */
function watchedRules({ orchestration, router, services }: RouterBefore): Watched[] {
  const raw = rulesIn(router);
  const rules = raw.map(ruleFacts);
  const ids = rules.map(({ id }, index) => id ?? `${index + 1}`);
  const [start, ...others] = Array.isArray(router.sets) ? router.sets : [];
  const rest = Object.entries(isObject(start) ? start : {}).filter(([part]) => part !== 'rules');
  return [
    ...rules.map((rule, index) => ({
      key: `rule.${ids[index]}`,
      subject: `Rule ${index + 1} of the event orchestration "${orchestration.name}"`,
      value: ordered(raw[index] ?? null),
      words: ruleWords(rule, services),
    })),
    {
      key: 'rules',
      subject: `The list of routing rules of the event orchestration "${orchestration.name}"`,
      value: ordered({ ids, start: Object.fromEntries(rest), others }),
      words: listed(rules.map(({ label }, index) => (label === '' ? `${ids[index]}` : `"${whole(label)}"`))) || 'empty',
    },
  ];
}

/** Everything that must not change until the call is sent: the whole document, and the names that are shown. */
export function watchedRouter(before: RouterBefore, after: RouterFacts): Watched[] {
  const { orchestration, router } = before;
  const subject = (part: string) => `${part} of the event orchestration "${orchestration.name}"`;
  const { catchAll } = routerFacts(router);
  const { version, updatedAt } = stampOf(router);
  const { sets: _rules, catch_all: rest = null, ...others } = router;
  const parts = Object.entries(others).filter(([part]) => !READ_ONLY.includes(part));
  const touched = touchedServices(before, after);
  return [
    { key: 'name', subject: subject('The name'), value: orchestration.name, words: `"${orchestration.name}"` },
    ...watchedRules(before),
    {
      key: 'catch_all',
      subject: subject('The catch-all'),
      value: ordered(rest),
      words: targetWords(catchAll, before.services),
    },
    {
      key: 'rest',
      subject: subject('What else the router says'),
      value: ordered(Object.fromEntries(parts)),
      words: listed(parts.map(([part, value]) => oneLine(`${part} ${JSON.stringify(ordered(value))}`))) || 'nothing',
    },
    {
      key: 'version',
      subject: subject('The router version'),
      value: version ?? updatedAt,
      words: `${version ?? 'not told'}${updatedAt === null ? '' : ` of ${clock(updatedAt)}`}`,
    },
    {
      key: 'services',
      subject: 'The list of touched services',
      value: touched.map(({ id, name, policyId }) => ({ id, name, policy: policyId })),
      words: listed(touched.map(({ name }) => name)) || 'empty',
    },
  ];
}
