import type { DrivenCall } from './call.ts';

export const teamsCalls: DrivenCall[] = [];
