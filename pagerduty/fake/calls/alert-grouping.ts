import type { DrivenCall } from './call.ts';

export const alertGroupingCalls: DrivenCall[] = [];
