import { z } from 'zod';

// What is read of PagerDuty's answers about webhooks. Values of custom headers and the signing secret are secrets: only
// the answer to a creation is parsed for the latter.

const text = z.string().nullish();

const deliveryMethod = z.object({
  url: z.string(),
  temporarily_disabled: z.boolean().nullish(),
  custom_headers: z.array(z.object({ name: z.string() })).nullish(),
});

export const subscription = z.object({
  id: z.string(),
  active: z.boolean().nullish(),
  description: text,
  delivery_method: deliveryMethod,
  events: z.array(z.string()).nullish(),
  filter: z.object({ type: z.string(), id: text }),
});
export type PagerDutySubscription = z.infer<typeof subscription>;

export const subscriptionAnswer = z.object({ webhook_subscription: subscription });

export const createdAnswer = z.object({
  webhook_subscription: subscription.extend({ delivery_method: deliveryMethod.extend({ secret: text }) }),
});

export const extensionSchema = z.object({
  id: z.string(),
  summary: text,
  label: text,
  key: text,
  description: text,
  guide_url: text,
  send_types: z.array(z.string()).nullish(),
});
export type PagerDutyExtensionSchema = z.infer<typeof extensionSchema>;

export const extensionSchemaAnswer = z.object({ extension_schema: extensionSchema });
