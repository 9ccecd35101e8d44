import type { DrivenCall } from './call.ts';

export const orchestrationsCalls: DrivenCall[] = [];
