import { byLevel, type OnCallPerson } from '../facts/people.ts';
import { counted, listed } from '../words/wording.ts';

/** Whom a service pages: those on call for its policy, or nobody while it is disabled. */
interface Paging {
  enabled: boolean;
  policyId: string | null;
}

/** The first level at which each person is paged. */
function firstLevels({ enabled, policyId }: Paging, onCall: OnCallPerson[]): Map<string, number> {
  const levels = new Map<string, number>();
  // Lowest level first, so the first row of a person counts.
  for (const { name, level } of enabled ? onCall.filter((one) => one.policyId === policyId) : []) {
    if (!levels.has(name)) levels.set(name, level);
  }
  return levels;
}

function chain({ enabled, policyId }: Paging, onCall: OnCallPerson[]): string {
  if (!enabled) return 'nobody, it is disabled';
  return (policyId === null ? null : byLevel(onCall, policyId)) ?? 'nobody';
}

/** Who is paged for new incidents before and after a change; a later level counts as being paged less. */
export function pagingLines(now: Paging, after: Paging, onCall: OnCallPerson[]): string[] {
  const [before, then] = [firstLevels(now, onCall), firstLevels(after, onCall)];
  const sooner = (these: Map<string, number>, those: Map<string, number>) => {
    const people = [...these].filter(([name, level]) => level < (those.get(name) ?? Number.POSITIVE_INFINITY));
    return listed(people.map(([name]) => name)) || 'nobody';
  };
  return [
    `Paged for new incidents now: ${chain(now, onCall)}.`,
    `Paged for new incidents after: ${chain(after, onCall)}.`,
    `Starts being paged, or earlier than now: ${sooner(then, before)}.`,
    `Stops being paged, or later than now: ${sooner(before, then)}.`,
  ];
}

/** What hangs on the service; null = PagerDuty could not tell. */
export function surroundings(facts: {
  openIncidents: number | null;
  dependents: { business: number; technical: number } | null;
  integrations: number;
}): string[] {
  const { openIncidents, dependents, integrations } = facts;
  const { business, technical } = dependents ?? { business: 0, technical: 0 };
  const depend = listed([
    ...(business > 0 ? [counted(business, 'business service')] : []),
    ...(technical > 0 ? [counted(technical, 'technical service')] : []),
  ]);
  return [
    openIncidents === null
      ? 'How many incidents are open on it is not known.'
      : `Open on it now: ${counted(openIncidents, 'incident')}; what is open goes on as it began.`,
    `Depending on it: ${dependents === null ? 'not known' : depend || 'no service'}.`,
    `It has ${counted(integrations, 'integration')}.`,
  ];
}
