/** One call that PagerDuty's own description is asked about; later calls may rely on what earlier ones made. */
export type DrivenCall = [method: string, path: string, body?: unknown];
