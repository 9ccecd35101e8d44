import { z } from 'zod';
import { orGone } from '../../errors.ts';
import { hidden } from '../../published.ts';
import { defineWriteTool } from '../../write-tool.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, toolInput } from '../input/parameters.ts';
import { duration } from '../words/wording.ts';
import { memberAsked, single } from './members.ts';
import { memberFacts } from './shifts.ts';
import { creating, readToCreate } from './spans/created.ts';
import { customShiftFacts, customShifts } from './spans/custom.ts';
import { dutyOf, type OverrideFacts, overrideBody, overrides, placeWords } from './spans/overrides.ts';
import { spanLines } from './spans/spans.ts';
import { checkSpan, lengthOf, onSchedule } from './spans/windows.ts';

const overrideAsked = z
  .strictObject({
    type: hidden(optional(z.literal('override_shift'))),
    rotation_id: optional(id('rotation')),
    custom_shift_id: optional(id('custom shift')),
    start_time: instant,
    end_time: instant,
    overridden_member: jsonText(memberAsked).describe('Whose place is taken.'),
    overriding_member: jsonText(memberAsked).describe('Who takes it.'),
  })
  .refine(
    ({ start_time: start, end_time: end }) => Date.parse(start) < Date.parse(end),
    'The override must end after it starts.',
  )
  .refine(
    ({ rotation_id: rotation, custom_shift_id: shift }) => (rotation === undefined) !== (shift === undefined),
    'Give rotation_id or custom_shift_id, and not both: an override takes a place in one of them.',
  );

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  overrides: jsonText(
    z
      .array(overrideAsked)
      .min(1)
      .max(
        1,
        'One override per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.',
      ),
  ).describe('Exactly one override, with either rotation_id or custom_shift_id.'),
});
type Input = z.infer<typeof input>;

const before = onSchedule.extend({
  overridden: memberFacts,
  overriding: memberFacts,
  /** Ids of people whom PagerDuty does not know. */
  missing: z.array(z.string()),
  /** The custom shift it lies on; null when it lies on a rotation, or when there is no such shift. */
  shift: customShiftFacts.nullable(),
  /** Ids of overrides that are exactly like it. */
  twins: z.array(z.string()),
});
type Before = z.infer<typeof before>;

const asked = (request: Input) => ({ ...single(request.overrides), id: 'new' });

const where = (override: OverrideFacts, { schedule, shift }: Before) =>
  placeWords(override, schedule.rotations, shift, schedule.timeZone);

/** How much of the window the override takes effect in, when that is not all of it. */
function shareWords(override: OverrideFacts, { schedule }: Before): string[] {
  const covered = dutyOf(schedule.shifts ?? [], override).reduce((sum, one) => sum + lengthOf(one), 0);
  const length = lengthOf(override);
  if (covered === 0 || covered >= length) return [];
  const { name } = override.overridden;
  return [`Takes effect in ${duration(covered)} of the ${duration(length)}: ${name} has no more there.`];
}

export const createScheduleV3Overrides = defineWriteTool({
  name: 'create_schedule_v3_overrides',
  title: 'Override a shift',
  description:
    'Put somebody on call on a shift-based schedule in the place of another member, for a while. One override per request.',
  version: 1,
  source: { operationId: 'createOverrides', method: 'POST', path: '/v3/schedules/{id}/overrides', scope: null },
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    overrides: [
      {
        rotation_id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE',
        start_time: '2099-01-05T18:00:00Z',
        end_time: '2099-01-06T06:00:00Z',
        overridden_member: { type: 'user_member', user_id: 'PUAISHA' },
        overriding_member: { type: 'user_member', user_id: 'PULENA1' },
      },
    ],
  },

  async read(pagerduty, request) {
    const item = asked(request);
    const { schedule_id: scheduleId } = request;
    const { custom_shift_id: shiftId } = item;
    const [{ schedule, found, missing, twins }, shift] = await Promise.all([
      readToCreate(overrides, pagerduty, scheduleId, item),
      shiftId === undefined
        ? null
        : orGone(customShifts.read(pagerduty, { schedule_id: scheduleId, custom_shift_id: shiftId })),
    ]);
    const { overridden, overriding } = overrides.facts(item, found);
    return {
      readAt: new Date().toISOString(),
      schedule,
      overridden,
      overriding,
      missing,
      shift: shift && customShifts.facts(shift, found),
      twins,
    };
  },
  ...creating(overrides, {
    asked,
    named: (override, { overridden, overriding }: Before) => ({ ...override, overridden, overriding }),
    body: (override) => ({ type: 'override_shift', ...overrideBody(override) }),
    admit(override, facts) {
      const { schedule, missing, shift, twins } = facts;
      const { rotationId, customShiftId, overridden, overriding } = override;
      if (missing[0] !== undefined) return no(`PagerDuty has no user with the id ${missing[0]}.`);
      if (rotationId !== null && !schedule.rotations.some(({ id: own }) => own === rotationId)) {
        return no(`"${schedule.name}" has no rotation with the id ${rotationId}.`);
      }
      if (customShiftId !== null && shift === null) {
        return no(`"${schedule.name}" has no custom shift with the id ${customShiftId}.`);
      }
      const span = checkSpan(override, facts);
      if (!span.holds) return span;
      if (overridden.userId === overriding.userId) return no(`${overridden.name} cannot take their own place.`);
      if (twins.length > 0) return no(`"${schedule.name}" already has exactly this override.`);
      const { shifts } = schedule;
      if (overridden.userId === null || shifts === null || dutyOf(shifts, override).length > 0) return yes;
      return no(`${overridden.name} is not on call through ${where(override, facts)} in that window.`);
    },
    risk: () => ({ level: 'high', reason: 'Changes who is paged in the window.' }),
    says(override, facts) {
      const { overridden, overriding } = override;
      const { name, timeZone } = facts.schedule;
      const length = duration(lengthOf(override));
      return {
        title:
          overriding.userId === null
            ? `Take ${overridden.name} off call on "${name}" for ${length}`
            : `Put ${overriding.name} on call instead of ${overridden.name} on "${name}" for ${length}`,
        lines: [
          { label: `On call in ${where(override, facts)}`, now: overridden.name, after: overriding.name },
          ...spanLines(null, override, timeZone),
        ],
        notes: shareWords(override, facts),
      };
    },
    exactly: 'an override with this window, place and person',
    nearly: 'such an override',
    note: 'Deletes the override; whoever was paged meanwhile has been paged.',
  }),
});
