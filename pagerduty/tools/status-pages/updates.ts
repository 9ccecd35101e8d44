import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { AttemptFacts, Evidence, Summary, SummaryLine, Verdict } from '../../write-tool.ts';
import { isDuring } from '../evidence/clocks.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, text } from '../input/parameters.ts';
import { type Risk, textRisks } from '../words/risks.ts';
import { clock, duration, whole } from '../words/wording.ts';
import { nameIn, type PageFacts, type Subscribers, subscriberWords, type Word } from './page.ts';
import type { PagerDutyPostUpdate } from './shapes.ts';

/** A reference as upstream writes it. Its name says what it is, so its id is not described once more. */
export const pointerTo = (kind: string, type = `status_page_${kind}`) =>
  z
    .strictObject({ id: id(kind).meta({ description: undefined }), type: optional(z.literal(type)) })
    .transform((pointer) => ({ id: pointer.id }));

const impacts = z
  .array(z.strictObject({ service: jsonText(pointerTo('service')), impact: jsonText(pointerTo('impact')) }))
  .max(50)
  .refine(
    (list) => new Set(list.map(({ service }) => service.id)).size === list.length,
    'A service is named more than once.',
  );

const fields = {
  message: text({ max: 8_000 }).describe('What customers read.'),
  status: jsonText(pointerTo('status')),
  severity: jsonText(pointerTo('severity')),
  impacted_services: optional(jsonText(impacts)),
  update_frequency_ms: optional(z.int().min(60_000).max(2_592_000_000)).describe(
    'Milliseconds until the next update is promised.',
  ),
  notify_subscribers: optional(z.boolean()).describe('Tell all subscribers; default false.'),
  reported_at: optional(instant),
};

/** An update to an open post, as upstream writes it. */
export const updateAsked = z.strictObject({ ...fields, post: optional(jsonText(pointerTo('post'))) });

/** The same inside a new post; upstream sends a null for the post. */
export const firstUpdateAsked = z
  .strictObject({
    ...fields,
    post: z.null('A post that does not exist yet cannot be named; leave this out.').optional(),
  })
  .transform(({ post: _none, ...asked }) => asked);

export type UpdateAsked = z.infer<typeof firstUpdateAsked>;

const impactsOf = (asked: UpdateAsked) => asked.impacted_services ?? [];

export const serviceIdsOf = (asked: UpdateAsked[]): string[] => [
  ...new Set(asked.flatMap((one) => impactsOf(one).map(({ service }) => service.id))),
];

export const notifies = (asked: UpdateAsked[]): boolean => asked.some((one) => one.notify_subscribers === true);

/** The update as it is sent. What PagerDuty insists on is filled with "none" and "no". */
export function updateBody(asked: UpdateAsked): JsonObject {
  return {
    type: 'status_page_post_update',
    message: asked.message,
    status: { id: asked.status.id, type: 'status_page_status' },
    severity: { id: asked.severity.id, type: 'status_page_severity' },
    impacted_services: impactsOf(asked).map(({ service, impact }) => ({
      service: { id: service.id, type: 'status_page_service' },
      impact: { id: impact.id, type: 'status_page_impact' },
    })),
    notify_subscribers: asked.notify_subscribers ?? false,
    ...(asked.update_frequency_ms === undefined ? {} : { update_frequency_ms: asked.update_frequency_ms }),
    ...(asked.reported_at === undefined ? {} : { reported_at: asked.reported_at }),
  };
}

/** Every word and service that the updates refer to, with the name that the page has for it. */
export function usedWords(asked: UpdateAsked[], page: PageFacts): { label: string; id: string; name: string }[] {
  const used = asked.flatMap((one) => [
    { label: 'status', id: one.status.id, name: nameIn(page.statuses, one.status.id) },
    { label: 'severity', id: one.severity.id, name: nameIn(page.severities, one.severity.id) },
    ...impactsOf(one).flatMap(({ service, impact }) => [
      { label: 'service', id: service.id, name: nameIn(page.services, service.id) },
      { label: 'impact', id: impact.id, name: nameIn(page.impacts, impact.id) },
    ]),
  ]);
  return [...new Map(used.map((one) => [`${one.label} ${one.id}`, one])).values()];
}

/** Whether the page has every word that is used, for posts of this type. */
export function admitWords(asked: UpdateAsked[], postType: string | null, page: PageFacts): Verdict {
  const fits = (words: Word[], label: string, wanted: string): string | null => {
    const found = words.find((one) => one.id === wanted);
    if (found === undefined) return `The status page "${page.name}" has no ${label} with the id ${wanted}.`;
    if (found.postType === null || postType === null || found.postType === postType) return null;
    return `The ${label} "${found.name}" is for ${found.postType} posts, and this post is of the type ${postType}.`;
  };
  for (const one of asked) {
    const stray = impactsOf(one).find(({ service }) => !page.services.some((known) => known.id === service.id));
    const problem =
      fits(page.statuses, 'status', one.status.id) ??
      fits(page.severities, 'severity', one.severity.id) ??
      impactsOf(one)
        .map(({ impact }) => fits(page.impacts, 'impact', impact.id))
        .find((found) => found !== null) ??
      (stray ? `The status page "${page.name}" has no service with the id ${stray.service.id}.` : null);
    if (problem !== null) return no(problem);
  }
  return yes;
}

const impactWords = (list: { serviceId: string; impactId: string }[], page: PageFacts): string =>
  list
    .map(({ serviceId, impactId }) => `${nameIn(page.services, serviceId)}: ${nameIn(page.impacts, impactId)}`)
    .join(', ') || 'none';

/** The update that customers read now. */
export const lastUpdate = z.object({
  id: z.string(),
  message: z.string(),
  statusId: z.string().nullable(),
  severityId: z.string().nullable(),
  impacts: z.array(z.object({ serviceId: z.string(), impactId: z.string() })),
});
export type LastUpdate = z.infer<typeof lastUpdate>;

export function factsOf(update: PagerDutyPostUpdate): LastUpdate {
  return {
    id: update.id,
    message: update.message ?? '',
    statusId: update.status?.id ?? null,
    severityId: update.severity?.id ?? null,
    impacts: (update.impacted_services ?? []).map(({ service, impact }) => ({
      serviceId: service?.id ?? '',
      impactId: impact?.id ?? '',
    })),
  };
}

/** Everything that customers will read, whole, beside what they read now. */
export function updateLines(asked: UpdateAsked, page: PageFacts, last: LastUpdate | null, prefix = ''): SummaryLine[] {
  const now = (words: Word[], wanted: string | null) => (wanted === null ? null : nameIn(words, wanted));
  const asImpacts = impactsOf(asked).map(({ service, impact }) => ({ serviceId: service.id, impactId: impact.id }));
  const lines: SummaryLine[] = [
    { label: 'Message', now: last && whole(last.message), after: whole(asked.message) },
    { label: 'Status', now: last && now(page.statuses, last.statusId), after: nameIn(page.statuses, asked.status.id) },
    {
      label: 'Severity',
      now: last && now(page.severities, last.severityId),
      after: nameIn(page.severities, asked.severity.id),
    },
    { label: 'Affected services', now: last && impactWords(last.impacts, page), after: impactWords(asImpacts, page) },
    { label: 'Subscribers are told', now: null, after: asked.notify_subscribers === true ? 'yes' : 'no' },
  ];
  if (asked.update_frequency_ms !== undefined) {
    lines.push({ label: 'Next update promised', now: null, after: `in ${duration(asked.update_frequency_ms)}` });
  }
  if (asked.reported_at !== undefined) {
    lines.push({ label: 'Dated', now: null, after: clock(asked.reported_at) });
  }
  return lines.map((one) => ({ ...one, label: `${prefix}${one.label}` }));
}

/** Who reads it, and who is told. */
export function publicEffect(asked: UpdateAsked[], page: PageFacts, told: Subscribers | null): Summary['effect'] {
  const at = page.url === null ? '' : ` at ${whole(page.url)}`;
  const readers = page.type === 'public' ? 'Everybody on the internet' : 'Everybody who may see the page';
  const lines = [`Pages nobody. ${readers} can read it at once${at}.`];
  if (!notifies(asked)) return { known: true, lines: [...lines, 'Subscribers are not told.'] };
  const whom =
    told === null
      ? 'Tells every subscriber of the page; how many that are could not be read.'
      : `Tells ${subscriberWords(told)}.`;
  return { known: told?.complete === true, lines: [...lines, whom, 'What was mailed cannot be called back.'] };
}

const HTML = /<[a-z/!][^>]*>/i;

/** `quiet` is the level of what is told to nobody and only readable on a private page. */
export function publicRisks(
  asked: UpdateAsked[],
  page: PageFacts,
  { quiet: quietLevel, title = '' }: { quiet: 'high' | 'critical'; title?: string },
): Risk[] {
  const texts = [title, ...asked.map(({ message }) => message)].join('\n');
  const quiet = page.type === 'private' && !notifies(asked);
  const base: Risk = quiet
    ? { level: quietLevel, reason: 'A statement to everybody who may see the private page.' }
    : { level: 'critical', reason: 'A public statement to customers.' };
  const mails: Risk[] = notifies(asked)
    ? [{ level: 'critical', reason: 'Subscribers are told, which cannot be called back.' }]
    : [];
  const html: Risk[] = HTML.test(texts)
    ? [{ level: 'medium', reason: 'The text contains HTML, which the page renders.' }]
    : [];
  return [base, ...mails, ...html, ...textRisks(texts)];
}

/** The words of a message without its HTML, which PagerDuty may write in its own way. */
const plain = (message: string) =>
  message
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const impactKeys = (list: { service?: { id: string } | null; impact?: { id: string } | null }[]) =>
  list
    .map(({ service, impact }) => `${service?.id} ${impact?.id}`)
    .sort()
    .join();

/** Whether an update has the same words, under the same status and severity and about the same services. */
const hasSameWords = (asked: UpdateAsked, there: PagerDutyPostUpdate): boolean =>
  plain(asked.message) === plain(there.message ?? '') &&
  there.status?.id === asked.status.id &&
  there.severity?.id === asked.severity.id &&
  impactKeys(impactsOf(asked)) === impactKeys(there.impacted_services ?? []);

/** The text without the tags that hold nothing of their own; those of links and pictures stay. */
const withTargets = (message: string) =>
  message
    .replace(/<\/?[a-z][a-z0-9]*\s*\/?>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Whether an update says the same, also where its links lead. */
export const saysSame = (asked: UpdateAsked, there: PagerDutyPostUpdate): boolean =>
  hasSameWords(asked, there) && withTargets(asked.message) === withTargets(there.message ?? '');

const secondOf = (instantText: string) => Math.floor(Date.parse(instantText) / 1_000);

/** Whether an update has the date that was asked for. */
export const datedAsAsked = (asked: UpdateAsked, there: PagerDutyPostUpdate): boolean =>
  asked.reported_at !== undefined && secondOf(there.reported_at ?? '') === secondOf(asked.reported_at);

/** Whether an update is one that the attempt may have made: it has the same words, and its date fits. */
export function isOfAttempt(asked: UpdateAsked, there: PagerDutyPostUpdate, attempt: AttemptFacts): boolean {
  if (!hasSameWords(asked, there)) return false;
  if (asked.reported_at !== undefined) return datedAsAsked(asked, there);
  return isDuring(Date.parse(there.reported_at ?? ''), attempt);
}

/** Whether an update is what was asked for to the letter, with its links, and told to those who were to be told. */
export const isToTheLetter = (asked: UpdateAsked, there: PagerDutyPostUpdate): boolean =>
  asked.message.trim() === (there.message ?? '').trim() &&
  there.notify_subscribers === (asked.notify_subscribers ?? false);

/** What it means that no publication was found to the letter, but so many that have its words. */
export function unproven(
  [place, thing]: ['page', 'post'] | ['post', 'update'],
  alike: number,
  complete: boolean,
): Evidence {
  const article = thing === 'post' ? 'a' : 'an';
  const seen =
    alike > 1
      ? `The ${place} has ${alike} such ${thing}s.`
      : alike === 1
        ? `The ${place} has ${article} ${thing} with these words, but with other links or other marks, or told to others.`
        : complete
          ? `The ${place} has no such ${thing} with a fitting date; it may have been changed or deleted since.`
          : `The ${place} has more ${thing}s than could be read.`;
  return { applied: null, because: `${seen} A human must look at the status page and its mails.` };
}

/** Names of the services that are shown as affected. */
export const affectedNames = (asked: UpdateAsked[], page: PageFacts): string[] =>
  serviceIdsOf(asked).map((serviceId) => nameIn(page.services, serviceId));

/** `incident` or `maintenance`, `post` where PagerDuty did not tell. */
export const kindOf = (postType: string | null): string => (postType === null ? 'post' : `${postType} post`);
