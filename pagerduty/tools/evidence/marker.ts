/** What we append to free text, so that our own write is recognised when it is read back. Requests have unique ids. */
export const marker = (requestId: string) => `[countersign:${requestId}]`;

/** The text as it is sent. */
export const marked = (text: string, requestId: string) => `${text} ${marker(requestId)}`;

/** Only at the very end: anywhere else it may be an agent's quotation of a marker. */
export const isMarked = (text: string | null | undefined, requestId: string) =>
  (text ?? '').trimEnd().endsWith(marker(requestId));

/** Whether the text is this text with a marker of ours behind it, whichever request's. */
export const isMarkedForm = (sent: string | null | undefined, text: string) =>
  (sent ?? '').startsWith(`${text} [countersign:`) && endsWithMarker(sent);

/** Whether some request of ours wrote this text. */
export const endsWithMarker = (text: string | null | undefined) =>
  /\[countersign:[^\s[\]]+\]$/.test((text ?? '').trimEnd());

/** The key under which PagerDuty opens at most one incident per service at a time. */
export const incidentKey = (requestId: string) => `countersign:${requestId}`;

/** Whether the key is one of ours, whichever request's. */
export const isIncidentKey = (key: string) => key.startsWith(incidentKey(''));
