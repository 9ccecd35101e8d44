import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createStatusPagePost } from './create-status-page-post.ts';
import { createStatusPagePostUpdate } from './create-status-page-post-update.ts';
import { getStatusPagePost } from './get-status-page-post.ts';
import { listStatusPageImpacts } from './list-status-page-impacts.ts';
import { listStatusPagePostUpdates } from './list-status-page-post-updates.ts';
import { listStatusPageSeverities } from './list-status-page-severities.ts';
import { listStatusPageStatuses } from './list-status-page-statuses.ts';
import { listStatusPages } from './list-status-pages.ts';

export const writes = {
  create_status_page_post: createStatusPagePost,
  create_status_page_post_update: createStatusPagePostUpdate,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_status_pages: listStatusPages,
  list_status_page_severities: listStatusPageSeverities,
  list_status_page_impacts: listStatusPageImpacts,
  list_status_page_statuses: listStatusPageStatuses,
  get_status_page_post: getStatusPagePost,
  list_status_page_post_updates: listStatusPagePostUpdates,
} satisfies Record<string, ReadTool>;
