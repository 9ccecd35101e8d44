import type { DrivenCall } from './call.ts';

export const incidentsCalls: DrivenCall[] = [];
