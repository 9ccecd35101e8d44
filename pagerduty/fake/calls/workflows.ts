import type { DrivenCall } from './call.ts';

export const workflowsCalls: DrivenCall[] = [];
