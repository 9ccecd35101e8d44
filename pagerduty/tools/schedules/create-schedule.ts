import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { reference } from '../../schemas.ts';
import { defineWriteTool, type Evidence, type Watched } from '../../write-tool.ts';
import { presence, readTrail, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { collect } from '../facts/pages.ts';
import { named } from '../facts/people.ts';
import { given, jsonText, toolInput } from '../input/parameters.ts';
import { fullShiftScheduleAnswer, schedulePath } from '../schedules-v3/shifts.ts';
import { strictest, textRisks } from '../words/risks.ts';
import { listed, oneLine, sameName, whole } from '../words/wording.ts';
import { checkAnswer, differingFields, readTeams, scheduleBody, scheduleShape } from './shiftbased.ts';

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
  /** What its own audit trail tells. */
  trail: Trail;
}

interface After {
  sameName: Candidate[];
}

/** Ids of the shift-based schedules with exactly this name; blanks around it do not count. */
async function idsNamed(pagerduty: ReadClient, name: string): Promise<string[]> {
  const source = { path: '/v3/schedules', list: 'schedules', item: reference };
  const { items } = await collect(pagerduty, source, { query: name.trim() }, { limit: 100 });
  return items.filter(({ summary }) => sameName(name, summary)).map(({ id }) => id);
}

function watched({ schedule_data: { name } }: Input, { sameName }: Before): Watched[] {
  const words = sameName.length === 0 ? 'free' : `taken by ${listed(sameName)}`;
  return [{ key: 'name', subject: `The name "${oneLine(name)}"`, value: sameName.toSorted(), words }];
}

/** PagerDuty does not say that its trail of creations has shift-based schedules: that it shows none proves nothing. */
function verify(_request: Input, { sameName }: After): Evidence {
  const [only] = sameName;
  if (only === undefined) {
    const because = 'There is no schedule of that name, and no trail tells whether there was one. A human must look.';
    return { applied: null, because };
  }
  if (sameName.length > 1) {
    return { applied: null, because: 'There are several schedules of that name. A human must look.' };
  }
  if (only.differs.length > 0) {
    const because = `There is a schedule of that name, with other values: ${listed(only.differs)}. A human must look.`;
    return { applied: null, because };
  }
  const seen = 'There is one schedule of that name, with every value that was asked for; before there was none.';
  return presence(only.trail, seen, { schedule_id: only.id });
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
  watched,
  admit({ schedule_data: { name } }, { sameName, unknownTeams }) {
    if (unknownTeams.length > 0) return no(`PagerDuty knows no team with the id ${listed(unknownTeams)}.`);
    if (sameName.length === 0) return yes;
    return no(`There is a schedule named "${oneLine(name)}" already (${listed(sameName)}); choose another name.`);
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
      title: `Create the schedule "${oneLine(asked.name)}"`,
      target: oneLine(asked.name),
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
  alsoHolds: nothingElse,
  interpret({ schedule_data: asked }, body) {
    const { schedule } = fullShiftScheduleAnswer.parse(body);
    checkAnswer(asked, schedule);
    return { applied: true, result: { schedule_id: schedule.id }, secrets: [] };
  },
  async readBack(pagerduty, { schedule_data: asked }, attempt) {
    const candidate = async (id: string): Promise<Candidate> => {
      const [{ schedule }, trail] = await Promise.all([
        pagerduty.get(schedulePath(id), fullShiftScheduleAnswer),
        readTrail(pagerduty, 'v3/schedules', id, attempt),
      ]);
      return { id, differs: differingFields(asked, schedule), trail };
    };
    return { sameName: await Promise.all((await idsNamed(pagerduty, asked.name)).map(candidate)) };
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
