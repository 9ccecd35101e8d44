import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { reference } from '../../schemas.ts';
import { defineWriteTool, type Evidence } from '../../write-tool.ts';
import { collect } from '../pages.ts';
import { given, jsonText, toolInput } from '../parameters.ts';
import { named } from '../people.ts';
import { strictest, textRisks } from '../risks.ts';
import { fullShiftScheduleAnswer, schedulePath } from '../schedules-v3/shifts.ts';
import { absence, readCreations, type Trail } from '../trail.ts';
import { no, stateOf, unchanged, type Watched, yes } from '../watching.ts';
import { listed, whole } from '../wording.ts';
import { differingFields, readTeams, scheduleBody, scheduleShape } from './shiftbased.ts';

const input = toolInput({
  schedule_data: jsonText(
    z
      .strictObject(scheduleShape)
      .transform(({ name, time_zone, description, teams }) => given({ name, time_zone, description, teams })),
  ).describe('The schedule.'),
});
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  /** Ids of shift-based schedules that have the name already. */
  sameName: z.array(z.string()),
  teams: z.array(named),
  unknownTeams: z.array(z.string()),
});
type Before = z.infer<typeof before>;

interface Candidate {
  id: string;
  /** What was asked and is different there. */
  differs: string[];
}

interface After {
  sameName: Candidate[];
  trail: Trail;
}

/** Ids of the shift-based schedules with exactly this name. */
async function idsNamed(pagerduty: ReadClient, name: string): Promise<string[]> {
  const source = { path: '/v3/schedules', list: 'schedules', item: reference };
  const { items } = await collect(pagerduty, source, { query: name }, { limit: 100 });
  return items.filter(({ summary }) => summary === name).map(({ id }) => id);
}

function watched({ schedule_data: { name } }: Input, { sameName }: Before): Watched[] {
  const words = sameName.length === 0 ? 'free' : `taken by ${listed(sameName)}`;
  return [{ key: 'name', subject: `The name "${whole(name)}"`, value: sameName.toSorted(), words }];
}

function verify(_request: Input, { sameName, trail }: After): Evidence {
  const [only] = sameName;
  if (only === undefined) return absence(trail, 'There is no schedule of that name.');
  if (sameName.length > 1) {
    return { applied: null, because: 'There are several schedules of that name. A human must look.' };
  }
  if (only.differs.length > 0) {
    const because = `There is a schedule of that name, with other values: ${listed(only.differs)}. A human must look.`;
    return { applied: null, because };
  }
  const because = 'There is one schedule of that name, with every value that was asked for; before there was none.';
  return { applied: true, because, result: { schedule_id: only.id } };
}

export const createSchedule = defineWriteTool<Input, Before, After>({
  name: 'create_schedule',
  title: 'Create a shift-based schedule',
  description: 'Create an empty shift-based on-call schedule; rotations and shifts are added to it afterwards.',
  version: 1,
  toolset: 'schedules',
  source: { operationId: 'createScheduleV3', method: 'POST', path: '/v3/schedules', scope: null },
  reads: ['teams.read', 'audit_records.read'],
  annotations: { destructiveHint: false, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    schedule_data: {
      name: 'Returns shifts',
      description: 'Parcels that come back.',
      time_zone: 'Europe/Berlin',
      teams: [{ id: 'PTLOGIS', type: 'team_reference' }],
    },
  },

  async read(pagerduty, { schedule_data: { name, teams } }) {
    const [sameName, { found, missing }] = await Promise.all([
      idsNamed(pagerduty, name),
      readTeams(pagerduty, teams ?? []),
    ]);
    return { readAt: new Date().toISOString(), sameName, teams: found, unknownTeams: missing };
  },
  state: (request, facts) => stateOf(watched(request, facts)),
  admit({ schedule_data: { name } }, { sameName, unknownTeams }) {
    if (unknownTeams.length > 0) return no(`PagerDuty knows no team with the id ${listed(unknownTeams)}.`);
    if (sameName.length === 0) return yes;
    return no(`There is a schedule named "${whole(name)}" already (${listed(sameName)}); choose another name.`);
  },
  risk: ({ schedule_data: { name, description } }) =>
    strictest([
      { level: 'medium', reason: 'Adds an on-call schedule; it pages nobody yet.' },
      ...textRisks(`${name}\n${description ?? ''}`),
    ]),
  touches: () => ({ subjects: ['account:schedules'], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize({ schedule_data: asked }, { teams }) {
    const line = (label: string, after: string | undefined) => (after ? [{ label, now: null, after }] : []);
    return {
      title: `Create the schedule "${whole(asked.name)}"`,
      target: whole(asked.name),
      services: [],
      lines: [
        ...line('Name', whole(asked.name)),
        ...line('Time zone', asked.time_zone),
        ...line('Description', asked.description && whole(asked.description)),
        ...line('Teams', listed(teams.map(({ name }) => name))),
      ],
      effect: {
        known: true,
        lines: [
          'Nobody is on call on it until rotations and shifts are added.',
          'Nobody is paged through it until an escalation policy names it.',
        ],
      },
    };
  },
  call: ({ schedule_data: asked }) => ({
    method: 'POST',
    path: '/v3/schedules',
    body: { schedule: scheduleBody(asked) },
  }),
  precondition: (request, facts, now) => unchanged(watched(request, facts), watched(request, now)),
  interpret({ schedule_data: { name, time_zone: timeZone } }, body) {
    const { schedule } = fullShiftScheduleAnswer.parse(body);
    if (differingFields({ name, time_zone: timeZone }, schedule).length > 0) {
      throw new TypeError('The answer shows another schedule.');
    }
    return { applied: true, result: { schedule_id: schedule.id }, secrets: [] };
  },
  async readBack(pagerduty, { schedule_data: asked }, attempt) {
    const candidates = async () => {
      const found = await idsNamed(pagerduty, asked.name);
      const details = found.map((id) => pagerduty.get(schedulePath(id), fullShiftScheduleAnswer));
      return (await Promise.all(details)).map(({ schedule }) => ({
        id: schedule.id,
        differs: differingFields(asked, schedule),
      }));
    };
    const [sameName, trail] = await Promise.all([candidates(), readCreations(pagerduty, 'schedules', attempt)]);
    return { sameName, trail };
  },
  verify,
  undo: (_request, _facts, result) => ({
    possible: true,
    tool: 'delete_schedule_v3',
    input: result && { schedule_id: result.schedule_id ?? null },
    complete: true,
    note: 'Deletes the schedule again, as long as no escalation policy uses it.',
  }),
});
