import type { Summary } from '../../write-tool.ts';
import { assigneeWords, type IncidentFacts } from '../facts/incidents.ts';
import { atLevel, byLevel, type Named, type OnCallPerson } from '../facts/people.ts';
import { clock, counted, listed } from '../words/wording.ts';

interface IncidentChange {
  status?: 'acknowledged' | 'resolved';
  urgency?: 'high' | 'low';
  escalation_level?: number;
  assignment?: { id: string };
}

interface Facts {
  incidents: IncidentFacts[];
  onCall: OnCallPerson[] | null;
  assignee: Named | null;
}

/** Names of those on call now at a level of the incident's escalation policy; empty also when that is not known. */
export const levelNames = (onCall: OnCallPerson[] | null, { escalationPolicy }: IncidentFacts, level: number) =>
  onCall === null || escalationPolicy === null ? [] : atLevel(onCall, escalationPolicy.id, level);

/** The level an incident is at: the lowest at which every assignee is on call; 1 when that cannot be told. */
function currentLevel({ assignees, escalationPolicy }: IncidentFacts, onCall: OnCallPerson[]): number {
  const levels = assignees.map(({ id }) => {
    const own = onCall.filter((one) => one.userId === id && one.policyId === escalationPolicy?.id);
    return Math.min(...own.map(({ level }) => level));
  });
  return Math.max(1, ...levels.filter(Number.isFinite));
}

function people(names: Named[]): string {
  return assigneeWords([...new Map(names.map((one) => [one.id, one])).values()]);
}

/** Who starts and stops being paged when these incidents are changed like that, and what closes. */
export function effectOf(change: IncidentChange, { incidents, onCall, assignee: person }: Facts): Summary['effect'] {
  const assigned = incidents.flatMap(({ assignees }) => assignees);
  const said: string[] = [];
  let known = true;
  if (change.status === 'resolved') {
    const alerts = incidents.map(({ openAlerts }) => openAlerts);
    known = !alerts.includes(null);
    const open = alerts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    said.push(`Stops being paged: ${people(assigned)}; no later level is paged.`);
    if (!known) said.push('How many alerts are still firing is not known.');
    else
      said.push(open === 0 ? 'No alert is firing any more.' : `${counted(open, 'alert')} still firing will be closed.`);
  }
  if (change.status === 'acknowledged') {
    const next = incidents.flatMap((incident) => {
      const policy = incident.escalationPolicy;
      const later = onCall && policy ? byLevel(onCall, policy.id, currentLevel(incident, onCall) + 1) : null;
      return later === null ? [] : [later];
    });
    known = onCall !== null;
    said.push('The person who approves is recorded as the one who acknowledged.');
    if (known) said.push(`Escalation stops; not paged next: ${[...new Set(next)].join('; ') || 'nobody'}.`);
    said.push('It is triggered again when the service has an acknowledgement timeout and nobody resolves it in time.');
  }
  if (change.escalation_level) {
    const names = incidents.flatMap((incident) => levelNames(onCall, incident, change.escalation_level ?? 0));
    known = known && onCall !== null;
    said.push(known ? `Paged now: ${listed([...new Set(names)])}.` : 'Who will be paged is not known.');
    said.push(`No longer assigned, unless on that level: ${people(assigned)}.`);
  }
  if (change.assignment) {
    const rest = assigned.filter(({ id }) => id !== change.assignment?.id);
    said.push(`Paged now: ${person?.name ?? change.assignment.id}, directly; it does not escalate further by itself.`);
    if (rest.length > 0) said.push(`No longer assigned: ${people(rest)}.`);
  }
  if (change.urgency === 'low') said.push(`Notified by low-urgency rules, without escalation: ${people(assigned)}.`);
  if (change.urgency === 'high') said.push(`Paged by high-urgency rules, with escalation: ${people(assigned)}.`);
  const [single] = incidents;
  const latest = incidents.length === 1 ? single?.timeline[0] : undefined;
  if (latest)
    said.push(`Latest on its timeline: ${latest.summary}${latest.at === null ? '' : `, ${clock(latest.at)}`}.`);
  return { known, lines: said };
}
