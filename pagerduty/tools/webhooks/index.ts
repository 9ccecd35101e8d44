import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createWebhookSubscription } from './create-webhook-subscription.ts';
import { deleteWebhookSubscription } from './delete-webhook-subscription.ts';
import { getExtensionSchema } from './get-extension-schema.ts';
import { getWebhookSubscription } from './get-webhook-subscription.ts';
import { listExtensionSchemas } from './list-extension-schemas.ts';
import { listWebhookSubscriptions } from './list-webhook-subscriptions.ts';
import { updateWebhookSubscription } from './update-webhook-subscription.ts';

export const writes = {
  create_webhook_subscription: createWebhookSubscription,
  update_webhook_subscription: updateWebhookSubscription,
  delete_webhook_subscription: deleteWebhookSubscription,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_webhook_subscriptions: listWebhookSubscriptions,
  get_webhook_subscription: getWebhookSubscription,
  list_extension_schemas: listExtensionSchemas,
  get_extension_schema: getExtensionSchema,
} satisfies Record<string, ReadTool>;
