import type { DrivenCall } from './call.ts';

export const shiftSchedulesCalls: DrivenCall[] = [];
