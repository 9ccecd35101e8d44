import { finalShifts, type Shift, shiftScheduleShifts } from './schedules/shifts.ts';
import type { EscalationPolicy, State, Target } from './state.ts';

/** One row of GET /oncalls; start and end are null for a person who is named directly. */
export interface OnCall {
  policyId: string;
  level: number;
  userId: string;
  schedule: { type: 'schedule_reference' | 'schedule_v3_reference'; id: string } | null;
  start: number | null;
  end: number | null;
}

function targetShifts(state: State, target: Target, from: number, to: number): Shift[] {
  // A moment is a window of one millisecond, so that "now" overlaps the shift that begins now.
  const until = Math.max(to, from + 1);
  const layers = state.schedules.find(({ id }) => id === target.id);
  if (layers !== undefined) return finalShifts(layers, from, until);
  const shifts = state.shiftSchedules.find(({ id }) => id === target.id);
  return shifts === undefined ? [] : shiftScheduleShifts(shifts, from, until);
}

/** Everybody on call for a policy in the window, level by level. */
export function onCallsOf(state: State, policy: EscalationPolicy, from: number, to: number): OnCall[] {
  return policy.rules.flatMap((rule, index) =>
    rule.targets.flatMap((target): OnCall[] => {
      const row = { policyId: policy.id, level: index + 1 };
      if (target.type === 'user_reference') {
        return [{ ...row, userId: target.id, schedule: null, start: null, end: null }];
      }
      const schedule = { type: target.type, id: target.id };
      return targetShifts(state, target, from, to).map(({ userId, start, end }) => ({
        ...row,
        userId,
        schedule,
        start,
        end,
      }));
    }),
  );
}

/** Ids of the people a level pages at this moment, each once. */
export function pagedAt(state: State, policy: EscalationPolicy, level: number, now: Date): string[] {
  const rows = onCallsOf(state, policy, now.getTime(), now.getTime()).filter((row) => row.level === level);
  return [...new Set(rows.map(({ userId }) => userId))];
}
