import type { DrivenCall } from './call.ts';

export const analyticsCalls: DrivenCall[] = [];
