import { defineWriteTool } from '../../write-tool.ts';
import { clock } from '../words/wording.ts';
import { toMember } from './members.ts';
import { EMPTY } from './shifts.ts';
import { customShiftPlace, customShifts, isOverridden, onCustomShift, shiftWords } from './spans/custom.ts';
import { deleting } from './spans/deleted.ts';

export const deleteScheduleV3CustomShift = defineWriteTool({
  name: 'delete_schedule_v3_custom_shift',
  title: 'Delete a custom shift',
  description: 'Delete a one-off shift of a shift-based schedule; one that has started ends now instead.',
  version: 1,
  source: {
    operationId: 'deleteCustomShift',
    method: 'DELETE',
    path: '/v3/schedules/{id}/custom_shifts/{custom_shift_id}',
    scope: null,
  },
  input: customShiftPlace,
  before: onCustomShift,
  example: { schedule_id: 'PDWHSV3', custom_shift_id: '7RMKQ5XNVB2TCW6HJ4DYFGPZA3' },

  ...deleting(customShifts, {
    over: '; PagerDuty keeps it',
    reason: () => 'Takes coverage out of the schedule.',
    says({ shift, schedule }, runs) {
      const [from, until] = [clock(shift.start, schedule.timeZone), clock(shift.end, schedule.timeZone)];
      const after = runs ? `${from} to the moment it is sent` : 'deleted';
      return {
        title: `Delete ${shiftWords(shift)} on "${schedule.name}"`,
        lines: [
          { label: 'On call through it', now: shift.member.name, after: EMPTY },
          { label: 'Time', now: `${from} to ${until}`, after },
        ],
        timing: runs
          ? 'It is running: it ends when this is sent, and what was stays on record.'
          : 'It has not started: it disappears altogether.',
      };
    },
    again: ({ start, end, member }) => ({
      start_time: start,
      end_time: end,
      assignments: [{ member: toMember(member) }],
    }),
    whole: ({ schedule, shift }) => !isOverridden(schedule.shifts, shift.id),
    note: 'Creates the shift again, under a new id and without the overrides on it.',
  }),
});
