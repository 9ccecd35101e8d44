import { people } from '../../fake/company.ts';
import { openPost, pageWords, statusPages } from '../../fake/status-pages.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

const page = `/status_pages/${statusPages.customers.id}`;

const update = (status: { id: string }, severity: { id: string }) => ({
  type: 'status_page_post_update',
  message: 'Written by a person on the website.',
  status: { id: status.id },
  severity: { id: severity.id },
  impacted_services: [],
  notify_subscribers: false,
});

export const rehearsals: Rehearsals = {
  create_status_page_post: {
    drift: (play) => {
      play.human({
        as: people.sam.email,
        method: 'POST',
        path: `${page}/posts`,
        body: {
          post: {
            type: 'status_page_post',
            title: 'Maintenance of the web shop',
            post_type: 'maintenance',
            starts_at: '2099-01-07T20:00:00Z',
            ends_at: '2099-01-07T22:00:00Z',
            updates: [update(pageWords.scheduled, pageWords.planned)],
            status_page: { id: statusPages.customers.id },
          },
        },
      });
    },
    lost: 'unknown',
    unanswered: 'succeeded',
  },
  create_status_page_post_update: {
    drift: (play) => {
      play.human({
        as: people.sam.email,
        method: 'POST',
        path: `${page}/posts/${openPost.id}/post_updates`,
        body: { post_update: update(pageWords.identified, pageWords.minor) },
      });
    },
    lost: 'unknown',
    unanswered: 'succeeded',
  },
};
