import { z } from 'zod';
import { hidden } from '../../published.ts';
import { defineWriteTool } from '../../write-tool.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, toolInput } from '../input/parameters.ts';
import { assignmentsAsked, assignmentsBody, memberFactsFrom, single, toMember } from './members.ts';
import { memberFacts } from './shifts.ts';
import { changing } from './spans/changed.ts';
import { customShifts, isOverridden, onCustomShift, shiftWords } from './spans/custom.ts';
import { phaseOf } from './spans/windows.ts';

const shiftData = z
  .strictObject({
    type: hidden(optional(z.literal('custom_shift'))),
    start_time: optional(instant),
    end_time: optional(instant),
    assignments: optional(assignmentsAsked).describe('Who takes it: exactly one.'),
  })
  .refine(
    ({ start_time: start, end_time: end, assignments }) => (start ?? end ?? assignments) !== undefined,
    'Nothing to change.',
  );

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  custom_shift_id: id('custom shift'),
  shift_data: jsonText(shiftData).describe('Only what is to change; once the shift has started only end_time.'),
});
type Input = z.infer<typeof input>;

const before = onCustomShift.extend({
  /** Who is to take it; null when that does not change. */
  member: memberFacts.nullable(),
  /** False when PagerDuty does not know the person. */
  known: z.boolean(),
});

export const updateScheduleV3CustomShift = defineWriteTool({
  name: 'update_schedule_v3_custom_shift',
  title: 'Change a custom shift',
  description: 'Move a one-off shift of a shift-based schedule, or give it to somebody else.',
  version: 1,
  source: {
    operationId: 'updateCustomShift',
    method: 'PUT',
    path: '/v3/schedules/{id}/custom_shifts/{custom_shift_id}',
    scope: null,
  },
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    custom_shift_id: '7RMKQ5XNVB2TCW6HJ4DYFGPZA3',
    shift_data: {
      end_time: '2099-03-14T22:00:00Z',
      assignments: [{ member: { type: 'user_member', user_id: 'PULENA1' } }],
    },
  },

  ...changing(customShifts, {
    asked: ({ shift_data: { start_time: start, end_time: end, assignments } }: Input) => ({
      start,
      end,
      member: assignments ? memberFactsFrom(single(assignments).member, []) : null,
    }),
    body: (member) => ({ assignments: assignmentsBody(member) }),
    again: (times, member) => ({
      shift_data: { ...times, ...(member && { assignments: [{ member: toMember(member) }] }) },
    }),
    allows({ shift_data: { start_time: start, end_time: end, assignments } }, { shift, readAt }) {
      const endOnly = end !== undefined && start === undefined && assignments === undefined;
      if (phaseOf(shift, readAt) !== 'is running' || endOnly) return yes;
      return no('The custom shift has started, so only its end can change: give end_time and nothing else.');
    },
    // What becomes of overrides on a shift that changes is not described.
    foreseen: ({ schedule, shift }) => !isOverridden(schedule.shifts, shift.id),
    words: shiftWords,
    label: () => 'On call',
    note: 'Puts the former values back, as long as the shift has not started; after that only its end.',
  }),
});
