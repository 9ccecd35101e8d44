import { z } from 'zod';
import { hidden } from '../../published.ts';
import { defineWriteTool } from '../../write-tool.ts';
import { no } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, toolInput } from '../input/parameters.ts';
import { duration } from '../words/wording.ts';
import { assignmentsAsked, assignmentsBody, single } from './members.ts';
import { memberFacts } from './shifts.ts';
import { creating, readToCreate } from './spans/created.ts';
import { customShifts } from './spans/custom.ts';
import { spanLines } from './spans/spans.ts';
import { checkSpan, lengthOf, namesIn, onSchedule } from './spans/windows.ts';

const shiftAsked = z
  .strictObject({
    type: hidden(optional(z.literal('custom_shift'))),
    start_time: instant,
    end_time: instant,
    assignments: assignmentsAsked.describe('Who takes it: exactly one.'),
  })
  .refine(
    ({ start_time: start, end_time: end }) => Date.parse(start) < Date.parse(end),
    'The shift must end after it starts.',
  );

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  custom_shifts: jsonText(
    z
      .array(shiftAsked)
      .min(1)
      .max(
        1,
        'One custom shift per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.',
      ),
  ).describe('Exactly one shift.'),
});
type Input = z.infer<typeof input>;

const before = onSchedule.extend({
  member: memberFacts,
  /** False when PagerDuty does not know the person. */
  known: z.boolean(),
  /** Ids of custom shifts that are exactly like it. */
  twins: z.array(z.string()),
});
type Before = z.infer<typeof before>;

const asked = (request: Input) => ({ ...single(request.custom_shifts), id: 'new' });

export const createScheduleV3CustomShifts = defineWriteTool({
  name: 'create_schedule_v3_custom_shifts',
  title: 'Add a custom shift',
  description: 'Put somebody on call on a shift-based schedule once, beside its rotations. One shift per request.',
  version: 1,
  source: {
    operationId: 'createCustomShifts',
    method: 'POST',
    path: '/v3/schedules/{id}/custom_shifts',
    scope: null,
  },
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    custom_shifts: [
      {
        start_time: '2099-01-05T18:00:00Z',
        end_time: '2099-01-06T06:00:00Z',
        assignments: [{ member: { type: 'user_member', user_id: 'PULENA1' } }],
      },
    ],
  },

  async read(pagerduty, request) {
    const item = asked(request);
    const { schedule, found, missing, twins } = await readToCreate(customShifts, pagerduty, request.schedule_id, item);
    const { member } = customShifts.facts(item, found);
    return { readAt: new Date().toISOString(), schedule, member, known: missing.length === 0, twins };
  },
  ...creating(customShifts, {
    asked,
    named: (shift, { member }: Before) => ({ ...shift, member }),
    body: ({ start, end, member }) => ({
      type: 'custom_shift',
      start_time: start,
      end_time: end,
      assignments: assignmentsBody(member),
    }),
    admit(shift, facts) {
      const { schedule, member, known, twins } = facts;
      if (!known) return no(`PagerDuty has no user with the id ${member.userId}.`);
      const span = checkSpan(shift, facts);
      if (!span.holds || twins.length === 0) return span;
      return no(`"${schedule.name}" already has exactly this custom shift of ${member.name}.`);
    },
    risk: ({ member }) => ({
      level: 'medium',
      reason: member.userId === null ? 'Adds an empty shift.' : 'Puts a person on call beside the rotations.',
    }),
    says(shift, { schedule: { name, shifts, timeZone } }, after) {
      const { member } = shift;
      const length = duration(lengthOf(shift));
      const people = {
        label: 'On call in the window',
        now: shifts && namesIn(shifts),
        after: after ? namesIn(after) : member.name,
      };
      return {
        title:
          member.userId === null
            ? `Add an empty custom shift of ${length} to "${name}"`
            : `Put ${member.name} on call on "${name}" for ${length}`,
        lines: [people, ...spanLines(null, shift, timeZone)],
        notes: [],
      };
    },
    exactly: 'a custom shift with this start, end and person',
    nearly: 'a custom shift of this person',
    note: 'Deletes the shift; once it has started it ends at that moment instead.',
  }),
});
