import { PagerDutyError } from '../../errors.ts';

/** PagerDuty's own refusal when a shift-based schedule is asked for at the layer-based address. */
export const isShiftBasedRefusal = (error: unknown): error is PagerDutyError =>
  error instanceof PagerDutyError && error.status === 400 && /shift-based schedule/i.test(error.message);
