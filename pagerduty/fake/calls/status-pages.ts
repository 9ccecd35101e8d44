import { openPost, pageServices, pageWords, statusPages } from '../status-pages.ts';
import type { DrivenCall } from './call.ts';

const page = `/status_pages/${statusPages.customers.id}`;
const post = `${page}/posts/${openPost.id}`;

const impacted = (word: { id: string }) => [
  {
    service: { id: pageServices.shop.id, type: 'status_page_service' },
    impact: { id: word.id, type: 'status_page_impact' },
  },
];

const update = (words: { status: { id: string }; severity: { id: string }; impact: { id: string } }) => ({
  type: 'status_page_post_update',
  message: '<p>The web shop is not available during this window.</p>',
  status: { id: words.status.id, type: 'status_page_status' },
  severity: { id: words.severity.id, type: 'status_page_severity' },
  impacted_services: impacted(words.impact),
  update_frequency_ms: null,
  notify_subscribers: false,
});

export const statusPagesCalls: DrivenCall[] = [
  ['GET', '/status_pages?status_page_type=public'],
  ['GET', `${page}/statuses?post_type=incident`],
  ['GET', `${page}/severities?post_type=maintenance`],
  ['GET', `${page}/impacts`],
  ['GET', `${page}/services`],
  ['GET', `${page}/subscriptions?status=active&channel=email`],
  [
    'POST',
    `${page}/posts`,
    {
      post: {
        type: 'status_page_post',
        title: 'Database upgrade',
        post_type: 'maintenance',
        starts_at: '2099-01-05T20:00:00Z',
        ends_at: '2099-01-05T22:00:00Z',
        updates: [update({ status: pageWords.scheduled, severity: pageWords.planned, impact: pageWords.maintained })],
        status_page: { id: statusPages.customers.id, type: 'status_page' },
      },
    },
  ],
  ['GET', `${page}/posts?post_type=maintenance&status[]=${pageWords.scheduled.id}`],
  [
    'POST',
    `${post}/post_updates`,
    {
      post_update: {
        ...update({ status: pageWords.resolved, severity: pageWords.minor, impact: pageWords.degraded }),
        post: { id: openPost.id, type: 'status_page_post' },
      },
    },
  ],
  ['GET', `${post}?include[]=status_page_post_update`],
  ['GET', `${post}/post_updates?reviewed_status=approved`],
];
