import { type Abilities, seedAbilities } from './abilities.ts';
import { type AlertGroupings, emptyAlertGroupings, seedAlertGroupings } from './alert-grouping.ts';
import { type AuditTrail, emptyAuditTrail } from './audit.ts';
import { type BusinessServices, emptyBusinessServices, seedBusinessServices } from './business-services.ts';
import { type ChangeEvents, emptyChangeEvents, seedChangeEvents } from './change-events.ts';
import { emptyPolicies, type Policies, seedPolicies } from './escalation-policies.ts';
import { emptyOrchestrations, type Orchestrations, seedOrchestrations } from './event-orchestrations.ts';
import type { Counter } from './ids.ts';
import { emptyIncidents, type Incidents } from './incidents/state.ts';
import { addStories } from './incidents/stories.ts';
import { type Priorities, seedPriorities } from './priorities.ts';
import { emptySchedules, type Schedules, seedSchedules } from './schedules/state.ts';
import { type Credentials, seedCredentials } from './server/credentials.ts';
import { emptyServices, type Services, seedServices } from './services.ts';
import { emptyShiftSchedules, type ShiftSchedules, seedShiftSchedules } from './shift-schedules/state.ts';
import { emptyStatusPages, type StatusPages, seedStatusPages } from './status-pages.ts';
import { emptyTeams, seedTeams, type Teams } from './teams.ts';
import { emptyUsers, seedUsers, type Users } from './users.ts';
import { emptyWebhooks, seedWebhooks, type Webhooks } from './webhooks.ts';
import { emptyWorkflows, seedWorkflows, type Workflows } from './workflows.ts';

/**
 * Everything the playable PagerDuty knows: plain JSON, times as ISO texts in UTC. Each domain says what it keeps, and
 * depends on no more of this than it looks at.
 */
export interface State
  extends Counter,
    Credentials,
    Abilities,
    Priorities,
    Users,
    Teams,
    Schedules,
    ShiftSchedules,
    Policies,
    Services,
    Incidents,
    AuditTrail,
    AlertGroupings,
    BusinessServices,
    ChangeEvents,
    Orchestrations,
    StatusPages,
    Webhooks,
    Workflows {}

/** An account with its owner, the priorities and the credentials, and nothing else. */
export function emptyState(): State {
  return {
    created: 0,
    ...seedCredentials(),
    ...seedAbilities(),
    ...seedPriorities(),
    ...emptyUsers(),
    ...emptyTeams(),
    ...emptySchedules(),
    ...emptyShiftSchedules(),
    ...emptyPolicies(),
    ...emptyServices(),
    ...emptyIncidents(),
    ...emptyAuditTrail(),
    ...emptyAlertGroupings(),
    ...emptyBusinessServices(),
    ...emptyChangeEvents(),
    ...emptyOrchestrations(),
    ...emptyStatusPages(),
    ...emptyWebhooks(),
    ...emptyWorkflows(),
  };
}

/** Northwind Parcel as it is at `now`: open incidents are minutes old, whenever it is started. */
export function companyState(now: Date): State {
  const state: State = {
    ...emptyState(),
    ...seedUsers(),
    ...seedTeams(),
    ...seedSchedules(),
    ...seedShiftSchedules(),
    ...seedPolicies(),
    ...seedServices(),
    ...seedAlertGroupings(),
    ...seedBusinessServices(),
    ...seedChangeEvents(now),
    ...seedOrchestrations(),
    ...seedStatusPages(now),
    ...seedWebhooks(),
    ...seedWorkflows(),
  };
  addStories(state, now);
  return state;
}
