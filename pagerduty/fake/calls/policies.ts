import type { DrivenCall } from './call.ts';

export const policiesCalls: DrivenCall[] = [];
