import type { DrivenCall } from './call.ts';

export const statusPagesCalls: DrivenCall[] = [];
