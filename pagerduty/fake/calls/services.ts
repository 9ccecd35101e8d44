import type { DrivenCall } from './call.ts';

export const servicesCalls: DrivenCall[] = [];
