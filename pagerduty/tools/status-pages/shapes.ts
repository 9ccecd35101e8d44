import { z } from 'zod';

// What is read of PagerDuty's answers about status pages. Who is subscribed is a matter of numbers here: the contacts
// of subscribers are never parsed.

const text = z.string().nullish();
const pointer = z.object({ id: z.string() }).nullish();

export const statusPage = z.object({
  id: z.string(),
  name: text,
  status_page_type: text,
  url: text,
  published_at: text,
});
export type PagerDutyStatusPage = z.infer<typeof statusPage>;

/** A status, severity or impact of a page. */
export const pageWord = z.object({ id: z.string(), description: text, post_type: text });

export const pageService = z.object({ id: z.string(), name: text });

/** Everything but the id is missing where PagerDuty sends a reference. */
export const postUpdate = z.object({
  id: z.string(),
  post: pointer,
  message: text,
  reviewed_status: text,
  status: pointer,
  severity: pointer,
  impacted_services: z.array(z.object({ service: pointer, impact: pointer })).nullish(),
  update_frequency_ms: z.number().nullish(),
  notify_subscribers: z.boolean().nullish(),
  reported_at: text,
});
export type PagerDutyPostUpdate = z.infer<typeof postUpdate>;

export const statusPagePost = z.object({
  id: z.string(),
  post_type: text,
  title: text,
  starts_at: text,
  ends_at: text,
  updates: z.array(postUpdate).nullish(),
});
export type PagerDutyStatusPagePost = z.infer<typeof statusPagePost>;

export const postAnswer = z.object({ post: statusPagePost });
export const updateAnswer = z.object({ post_update: postUpdate });

export const pageSubscription = z.object({
  id: z.string(),
  channel: text,
  subscribable_object: z.object({ id: text, type: text }).nullish(),
});
