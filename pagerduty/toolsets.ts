/** The domains by which an installation and an agent choose their tools; each is a folder of `tools/`. */
export const TOOLSETS = {
  incidents: 'Incidents, their notes and responders, and what PagerDuty relates to them',
  alerts: 'Alerts behind an incident',
  log_entries: 'Timelines',
  oncall: 'Who is on call',
  priorities: 'Priorities of the account',
  services: 'Technical services and what they depend on',
  business_services: 'Business services and what they depend on',
  escalation_policies: 'Who is paged, in which order',
  schedules: 'On-call schedules',
  schedules_v3: 'Rotations, shifts and overrides of shift-based schedules',
  users: 'People of the account',
  teams: 'Teams and their members',
  change_events: 'Deploys and other changes',
  incident_workflows: 'Workflows that can be run on an incident',
  alert_grouping: 'Rules that merge alerts into incidents',
  event_orchestrations: 'Rules that route events to services',
  status_pages: 'What customers read',
  analytics: 'Figures about incidents and load',
  webhooks: 'Where PagerDuty sends events',
} as const;

export type Toolset = keyof typeof TOOLSETS;

/** What somebody who answers an incident needs; what an agent gets when nobody chose. */
export const DEFAULT_TOOLSETS: readonly Toolset[] = [
  'incidents',
  'alerts',
  'log_entries',
  'oncall',
  'priorities',
  'services',
  'escalation_policies',
  'schedules',
  'users',
];

export const isToolset = (name: string): name is Toolset => Object.hasOwn(TOOLSETS, name);

/** A tool's folder in `tools/`. */
export const folderOf = (toolset: Toolset): string => toolset.replaceAll('_', '-');

/**
 * The toolsets an agent may use: its own choice, else those of the installation, else what an incident needs; never
 * more than the installation allows. A name that is not known (any more) gives nothing.
 */
export function toolsetsOf(own: readonly string[] | null, installation: readonly Toolset[] | null): Toolset[] {
  const chosen = own ?? installation ?? DEFAULT_TOOLSETS;
  return chosen.filter(isToolset).filter((name) => installation === null || installation.includes(name));
}

/** `all`, `default`, or names with commas between. @returns the names, or the sentence that says what is wrong. */
export function parseToolsets(text: string): Toolset[] | { problem: string } {
  const names = text.split(',').map((name) => name.trim());
  const known = Object.keys(TOOLSETS).filter(isToolset);
  const found = names.flatMap((name): readonly string[] =>
    name === 'all' ? known : name === 'default' ? DEFAULT_TOOLSETS : [name],
  );
  const stray = found.find((name) => !isToolset(name));
  if (stray !== undefined) {
    return { problem: `"${stray}" is no toolset. There are all, default, ${known.join(', ')}.` };
  }
  return known.filter((name) => found.includes(name));
}
