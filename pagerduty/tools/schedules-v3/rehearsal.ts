import type { FakePagerDuty } from '../../fake/server/server.ts';
import type { ShiftSchedule } from '../../fake/shift-schedules/state.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

/** Changes "Warehouse shifts" behind everybody's back. */
export function editWarehouse(play: FakePagerDuty, change: (schedule: ShiftSchedule) => void) {
  play.change((state) => {
    for (const schedule of state.shiftSchedules) {
      if (schedule.id === play.company.schedules.warehouseShifts.id) change(schedule);
    }
  });
}

/** Tomáš comes on call in the window of the creating examples. */
const addTomas = (play: FakePagerDuty) =>
  editWarehouse(play, ({ customShifts }) => {
    const members = [{ type: 'user_member' as const, userId: play.company.people.tomas.id }];
    customShifts.push({
      id: 'DRIFT00000000000000000000A',
      start: '2099-01-05T20:00:00Z',
      end: '2099-01-05T22:00:00Z',
      members,
    });
  });

const moveShift = (play: FakePagerDuty) =>
  editWarehouse(play, ({ customShifts }) => {
    for (const shift of customShifts) shift.end = '2099-03-14T21:00:00Z';
  });

const moveOverride = (play: FakePagerDuty) =>
  editWarehouse(play, ({ overrides }) => {
    for (const override of overrides) override.end = '2099-05-02T06:00:00Z';
  });

/** The audit trail, or the object that is still there, proves that nothing arrived. */
const oneOff = { lost: 'failed', unanswered: 'succeeded' } as const;

/** Somebody leaves one more place of a recurring shift empty. */
const changePlan = (id: string) => (play: FakePagerDuty) =>
  play.change((state) => {
    const events = state.shiftSchedules.filter((one) => one.id === id).flatMap((one) => one.rotations[0]?.events ?? []);
    for (const event of events) event.members.push({ type: 'empty_member' });
  });

const training = changePlan('PDTRNV3');
const warehouse = changePlan('PDWHSV3');

export const rehearsals: Rehearsals = {
  delete_schedule_v3: { ...oneOff, drift: training },
  // A rotation has no name and no date: nobody can tell which call made it.
  create_schedule_v3_rotation: { lost: 'failed', unanswered: 'unknown', drift: training },
  delete_schedule_v3_rotation: { ...oneOff, drift: warehouse },
  create_schedule_v3_rotation_event: { ...oneOff, drift: training },
  update_schedule_v3_rotation_event: { ...oneOff, drift: training },
  delete_schedule_v3_rotation_event: { ...oneOff, drift: warehouse },
  create_schedule_v3_custom_shifts: { ...oneOff, drift: addTomas },
  update_schedule_v3_custom_shift: { ...oneOff, drift: moveShift },
  delete_schedule_v3_custom_shift: { ...oneOff, drift: moveShift, comesBackAsNew: true },
  create_schedule_v3_overrides: { ...oneOff, drift: addTomas },
  update_schedule_v3_override: { ...oneOff, drift: moveOverride },
  delete_schedule_v3_override: { ...oneOff, drift: moveOverride, comesBackAsNew: true },
};
