import type { DrivenCall } from './call.ts';

export const webhooksCalls: DrivenCall[] = [];
