import { emptyAlertGroupings, seedAlertGroupings } from './alert-grouping.ts';
import { emptyBusinessServices, seedBusinessServices } from './business-services.ts';
import { emptyChangeEvents, seedChangeEvents } from './change-events.ts';
import {
  escalationPolicies,
  oauthClients,
  people,
  priorities,
  schedules,
  services,
  teams,
  tokens,
  trainingParts,
  warehouseParts,
} from './company.ts';
import { emptyOrchestrations, seedOrchestrations } from './event-orchestrations.ts';
import { addCompanyIncidents } from './incidents/stories.ts';
import type { EscalationPolicy, Layer, Schedule, Service, ShiftSchedule, State, Team, User } from './state.ts';
import { emptyStatusPages, seedStatusPages } from './status-pages.ts';
import { emptyWebhooks, seedWebhooks } from './webhooks.ts';
import { emptyWorkflows, seedWorkflows } from './workflows.ts';

const READ_SCOPES = [
  'abilities.read',
  'audit_records.read',
  'change_events.read',
  'escalation_policies.read',
  'event_orchestrations.read',
  'extension_schemas.read',
  'incident_workflows.read',
  'incidents.read',
  'oncalls.read',
  'priorities.read',
  'schedules.read',
  'services.read',
  'status_pages.read',
  'teams.read',
  'users.read',
  'webhook_subscriptions.read',
];

const WRITE_SCOPES = [
  'analytics.write',
  'escalation_policies.write',
  'event_orchestrations.write',
  'incident_workflows:instances.write',
  'incidents.write',
  'schedules.write',
  'services.write',
  'status_pages.write',
  'teams.write',
  'users.write',
  'webhook_subscriptions.write',
];

const OPENED = '2023-02-06T08:00:00Z';
const WEEK_SECONDS = 604_800;
const DAY_SECONDS = 86_400;

function users(): User[] {
  const person = (
    who: { id: string; name: string; email: string },
    timeZone: string,
    jobTitle: string,
    role: string,
  ) => ({
    ...who,
    timeZone,
    jobTitle,
    role,
    color: 'green',
  });
  return [
    person(people.priya, 'Europe/Berlin', 'Senior Site Reliability Engineer', 'limited_user'),
    person(people.marco, 'Europe/Rome', 'Staff Engineer, Payments', 'user'),
    person(people.lena, 'Europe/Berlin', 'Backend Engineer', 'limited_user'),
    person(people.sam, 'Europe/London', 'Incident Lead', 'user'),
    person(people.dana, 'America/Chicago', 'Platform Engineer', 'user'),
    person(people.kenji, 'Asia/Tokyo', 'Tracking Engineer', 'limited_user'),
    person(people.aisha, 'Asia/Dubai', 'Warehouse Systems Engineer', 'limited_user'),
    person(people.tomas, 'Europe/Prague', 'Data Engineer', 'limited_user'),
    person(people.ruth, 'America/New_York', 'VP Engineering', 'owner'),
  ];
}

function companyTeams(): Team[] {
  const members = (manager: { id: string }, ...responders: { id: string }[]): Team['members'] => [
    { userId: manager.id, role: 'manager' },
    ...responders.map(({ id }) => ({ userId: id, role: 'responder' as const })),
  ];
  return [
    {
      ...teams.commerce,
      description: 'Everything between the basket and the bank.',
      defaultRole: 'manager',
      members: members(people.marco, people.priya, people.dana, people.lena),
    },
    {
      ...teams.logistics,
      description: 'Parcels, conveyors and where they are.',
      defaultRole: 'manager',
      members: members(people.sam, people.kenji, people.aisha),
    },
    {
      ...teams.data,
      description: 'Pipelines and customer mail.',
      defaultRole: 'manager',
      members: members(people.tomas, people.kenji),
    },
    {
      ...teams.returns,
      description: 'Ended in spring; its services went to Logistics.',
      defaultRole: 'none',
      members: [
        { userId: people.ruth.id, role: 'manager' },
        { userId: people.tomas.id, role: 'observer' },
      ],
    },
  ];
}

function companyServices(): Service[] {
  const service = (
    who: { id: string; name: string },
    policy: { id: string },
    team: { id: string },
    description: string,
  ) => ({
    ...who,
    description,
    status: 'active' as const,
    escalationPolicyId: policy.id,
    teamIds: [team.id],
    createdAt: OPENED,
    autoResolveTimeout: null,
    acknowledgementTimeout: 1800,
    urgency: 'high' as const,
    integrations: [
      { id: `${who.id.slice(0, 6)}D`, name: 'Datadog', type: 'events_api_v2_inbound_integration_reference' },
      { id: `${who.id.slice(0, 6)}P`, name: 'Prometheus', type: 'events_api_v2_inbound_integration_reference' },
    ],
  });
  return [
    service(services.checkout, escalationPolicies.checkout, teams.commerce, 'Basket, prices and orders.'),
    service(services.payments, escalationPolicies.checkout, teams.commerce, 'Card and invoice payments.'),
    service(services.tracking, escalationPolicies.tracking, teams.logistics, 'Where is my parcel?'),
    {
      ...service(services.warehouse, escalationPolicies.warehouse, teams.logistics, 'Sorting, labels and conveyors.'),
      urgency: 'severity_based',
    },
    service(services.mailer, escalationPolicies.tracking, teams.data, 'Mails and messages to customers.'),
  ];
}

function layer(id: string, name: string, userIds: string[], rest: Partial<Layer> = {}): Layer {
  return {
    id,
    name,
    start: OPENED,
    end: null,
    rotationVirtualStart: OPENED,
    turnLengthSeconds: WEEK_SECONDS,
    userIds,
    restrictions: [],
    ...rest,
  };
}

function companySchedules(): Schedule[] {
  const twelveHours = { type: 'daily_restriction' as const, durationSeconds: DAY_SECONDS / 2 };
  const schedule = (who: { id: string; name: string }, timeZone: string, team: { id: string }, layers: Layer[]) => ({
    ...who,
    description: null,
    timeZone,
    teamIds: [team.id],
    layers,
    overrides: [],
  });
  return [
    schedule(schedules.checkoutPrimary, 'Europe/Berlin', teams.commerce, [
      layer('PLCHKP1', 'Layer 1', [people.priya.id]),
    ]),
    schedule(schedules.checkoutSecondary, 'Europe/Rome', teams.commerce, [
      layer('PLCHKS2', 'Layer 1', [people.marco.id]),
    ]),
    schedule(schedules.trackingPrimary, 'Asia/Tokyo', teams.logistics, [
      layer('PLTRKP1', 'Weekly', [people.kenji.id, people.aisha.id]),
    ]),
    schedule(schedules.dataDayNight, 'Europe/Prague', teams.data, [
      layer('PLDATAD', 'Day', [people.tomas.id], {
        turnLengthSeconds: DAY_SECONDS,
        restrictions: [{ ...twelveHours, startTimeOfDay: '08:00:00' }],
      }),
      layer('PLDATAN', 'Night', [people.kenji.id], {
        turnLengthSeconds: DAY_SECONDS,
        restrictions: [{ ...twelveHours, startTimeOfDay: '20:00:00' }],
      }),
    ]),
  ];
}

function companyShiftSchedules(): ShiftSchedule[] {
  return [
    {
      ...schedules.warehouseShifts,
      description: 'Follows the sun.',
      timeZone: 'Asia/Dubai',
      teamIds: [teams.logistics.id],
      customShifts: [
        {
          id: warehouseParts.customShift,
          start: '2099-03-14T08:00:00Z',
          end: '2099-03-14T20:00:00Z',
          members: [{ type: 'user_member', userId: people.kenji.id }],
        },
      ],
      overrides: [
        {
          id: warehouseParts.override,
          rotationId: warehouseParts.rotation,
          customShiftId: null,
          start: '2099-05-01T00:00:00Z',
          end: '2099-05-02T00:00:00Z',
          overridden: { type: 'user_member', userId: people.aisha.id },
          overriding: { type: 'user_member', userId: people.kenji.id },
        },
      ],
      rotations: [
        {
          id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE',
          events: [
            {
              id: 'ZN4HC7VTQ2KXW6MJRB5DYFGP3A',
              name: 'Around the clock',
              startTime: OPENED,
              endTime: '2023-02-13T08:00:00Z',
              effectiveSince: OPENED,
              effectiveUntil: null,
              recurrence: ['RRULE:FREQ=WEEKLY'],
              strategy: 'rotating_member_assignment_strategy',
              shiftsPerMember: 1,
              members: [{ type: 'user_member', userId: people.aisha.id }],
            },
          ],
        },
      ],
    },
    {
      ...schedules.trainingShifts,
      description: 'Nobody is paged through it.',
      timeZone: 'Europe/Berlin',
      teamIds: [teams.commerce.id],
      customShifts: [],
      overrides: [],
      rotations: [
        {
          id: trainingParts.rotation,
          events: [
            {
              id: trainingParts.event,
              name: 'Practice',
              startTime: '2099-01-05T08:00:00Z',
              endTime: '2099-01-12T08:00:00Z',
              effectiveSince: '2099-01-05T08:00:00Z',
              effectiveUntil: null,
              recurrence: ['RRULE:FREQ=WEEKLY'],
              strategy: 'rotating_member_assignment_strategy',
              shiftsPerMember: 1,
              members: [
                { type: 'user_member', userId: people.lena.id },
                { type: 'user_member', userId: people.tomas.id },
              ],
            },
          ],
        },
        { id: trainingParts.emptyRotation, events: [] },
      ],
    },
  ];
}

function companyPolicies(): EscalationPolicy[] {
  const user = (who: { id: string }) => ({ type: 'user_reference' as const, id: who.id });
  const schedule = (who: { id: string }) => ({ type: 'schedule_reference' as const, id: who.id });
  const { priya, marco, sam, dana, kenji, aisha, tomas, ruth } = people;
  // Lena has not had her on-call training yet, so "everybody" is everybody else.
  const everybody = [priya, marco, sam, dana, kenji, aisha, tomas, ruth].map(user);
  const policy = (
    who: { id: string; name: string },
    team: { id: string },
    levels: EscalationPolicy['rules'][0]['targets'][],
  ) => ({
    ...who,
    description: null,
    numLoops: 2,
    handoff: 'if_has_services' as const,
    teamIds: [team.id],
    rules: [...levels, everybody].map((targets, index) => ({
      id: `${who.id.slice(0, 6)}${index + 1}`,
      delayMinutes: index === 0 ? 10 : 15,
      targets,
    })),
  });
  return [
    policy(escalationPolicies.checkout, teams.commerce, [
      [schedule(schedules.checkoutPrimary), user(dana)],
      [schedule(schedules.checkoutSecondary)],
    ]),
    policy(escalationPolicies.tracking, teams.logistics, [
      [schedule(schedules.trackingPrimary)],
      [schedule(schedules.dataDayNight)],
    ]),
    policy(escalationPolicies.warehouse, teams.logistics, [
      [{ type: 'schedule_v3_reference', id: schedules.warehouseShifts.id }],
      [user(tomas)],
    ]),
  ];
}

/** An account with its owner, the priorities and the credentials, and nothing else. */
export function emptyState(): State {
  return {
    created: 0,
    lastIncidentNumber: 0,
    abilities: ['teams', 'urgencies', 'coordinated_responding', 'read_only_users', 'advanced_permissions'],
    users: users().filter(({ role }) => role === 'owner'),
    teams: [],
    priorities: [
      { ...priorities.p1, description: 'Customers cannot order or pay.', color: 'a8171c' },
      { ...priorities.p2, description: 'Part of the customers is affected.', color: 'eb6016' },
      { ...priorities.p3, description: 'Something is slow or degraded.', color: 'f9b406' },
      { ...priorities.p4, description: 'Can wait for working hours.', color: '555555' },
    ],
    services: [],
    escalationPolicies: [],
    schedules: [],
    shiftSchedules: [],
    incidents: [],
    alerts: [],
    notes: [],
    logEntries: [],
    keys: [
      { token: tokens.accountRead, kind: 'account', access: 'read', userId: null },
      { token: tokens.accountFull, kind: 'account', access: 'full', userId: null },
      { token: tokens.userMarco, kind: 'user', access: 'full', userId: people.marco.id },
      { token: tokens.userPriyaRead, kind: 'user', access: 'read', userId: people.priya.id },
    ],
    oauthClients: [
      { ...oauthClients.reader, scopes: READ_SCOPES },
      { ...oauthClients.writer, scopes: [...READ_SCOPES, ...WRITE_SCOPES] },
    ],
    oauthTokens: [],
    auditRecords: [],
    alertGroupings: emptyAlertGroupings(),
    businessServices: emptyBusinessServices(),
    changeEvents: emptyChangeEvents(),
    orchestrations: emptyOrchestrations(),
    statusPages: emptyStatusPages(),
    webhooks: emptyWebhooks(),
    workflows: emptyWorkflows(),
  };
}

/** Northwind Parcel as it is at `now`: open incidents are minutes old, whenever it is started. */
export function companyState(now: Date): State {
  const state: State = {
    ...emptyState(),
    users: users(),
    teams: companyTeams(),
    services: companyServices(),
    escalationPolicies: companyPolicies(),
    schedules: companySchedules(),
    shiftSchedules: companyShiftSchedules(),
    alertGroupings: seedAlertGroupings(now),
    businessServices: seedBusinessServices(now),
    changeEvents: seedChangeEvents(now),
    orchestrations: seedOrchestrations(now),
    statusPages: seedStatusPages(now),
    webhooks: seedWebhooks(now),
    workflows: seedWorkflows(now),
  };
  addCompanyIncidents(state, now);
  return state;
}
