import type { DrivenCall } from './call.ts';

export const changeEventsCalls: DrivenCall[] = [];
