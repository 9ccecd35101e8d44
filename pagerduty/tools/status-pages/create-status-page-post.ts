import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import {
  type AttemptFacts,
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { no, nothingElse } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, text, toolInput } from '../input/parameters.ts';
import { strictest } from '../words/risks.ts';
import { clock, counted, oneLine, sameName, whole } from '../words/wording.ts';
import {
  collectOnce,
  pageFacts,
  pagePath,
  pageWordsOf,
  readPage,
  readSubscribers,
  readUpdates,
  subscribers,
  watchedPage,
} from './page.ts';
import { type PagerDutyPostUpdate, type PagerDutyStatusPagePost, postAnswer, statusPagePost } from './shapes.ts';
import {
  admitWords,
  affectedNames,
  firstUpdateAsked,
  isOfAttempt,
  isToTheLetter,
  kindOf,
  notifies,
  pointerTo,
  publicEffect,
  publicRisks,
  serviceIdsOf,
  unproven,
  updateBody,
  updateLines,
  usedWords,
} from './updates.ts';

const postAsked = z
  .strictObject({
    title: text({ max: 128 }),
    post_type: z.enum(['incident', 'maintenance']),
    starts_at: instant,
    ends_at: instant,
    updates: jsonText(z.array(firstUpdateAsked).min(1).max(10)),
    status_page: optional(jsonText(pointerTo('status page', 'status_page'))),
  })
  .refine(({ starts_at: start, ends_at: end }) => Date.parse(start) <= Date.parse(end), {
    message: 'The post must not end before it starts.',
    path: ['ends_at'],
  });

const input = toolInput({
  status_page_id: id('status page'),
  create_model: jsonText(z.strictObject({ post: jsonText(postAsked) })),
}).refine(
  ({ status_page_id: pageId, create_model: { post } }) =>
    post.status_page === undefined || post.status_page.id === pageId,
  'status_page_id and create_model.post.status_page name different pages.',
);
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  page: pageFacts,
  /** Posts of the same type that have this title already. */
  sameTitle: z.array(z.object({ id: z.string(), startsAt: z.string().nullable() })),
  /** Null when nobody is to be told, or PagerDuty could not tell. */
  told: subscribers.nullable(),
});
type Before = z.infer<typeof before>;

interface After {
  /** Updates of every post with the title and start that were asked for. */
  posts: { id: string; updates: PagerDutyPostUpdate[] }[];
  complete: boolean;
}

const postOf = ({ create_model: { post } }: Input) => post;

const sameInstant = (a: string, b: string | null | undefined) => Math.abs(Date.parse(a) - Date.parse(b ?? '')) < 1_000;

const readPosts = (pagerduty: ReadClient, request: Input) =>
  collectOnce(
    pagerduty,
    { path: `${pagePath(request.status_page_id)}/posts`, list: 'posts', item: statusPagePost },
    { post_type: postOf(request).post_type },
  );

const hasTitle = (request: Input, { title }: PagerDutyStatusPagePost) => sameName(postOf(request).title, title);

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const { updates } = postOf(request);
  const about = { serviceIds: serviceIdsOf(updates), postId: null };
  const [page, posts, told] = await Promise.all([
    readPage(pagerduty, request.status_page_id),
    readPosts(pagerduty, request),
    notifies(updates) ? readSubscribers(pagerduty, request.status_page_id, about) : null,
  ]);
  return {
    readAt: new Date().toISOString(),
    page,
    sameTitle: posts.items
      .filter((post) => hasTitle(request, post))
      .map((post) => ({ id: post.id, startsAt: post.starts_at ?? null })),
    told,
  };
}

function watched(request: Input, { page, sameTitle }: Before): Watched[] {
  return [
    ...watchedPage(page, usedWords(postOf(request).updates, page)),
    {
      key: 'same_title',
      subject: 'The number of posts with this title',
      value: sameTitle.map((post) => post.id).sort(),
      words: `${sameTitle.length}`,
    },
  ];
}

function admit(request: Input, { page, sameTitle, readAt }: Before): Verdict {
  const { title, updates, post_type: type, starts_at: start, ends_at: end } = postOf(request);
  if (sameTitle.some(({ startsAt }) => sameInstant(start, startsAt))) {
    return no(`The page has a post "${oneLine(title)}" with this start already; publish an update to that one.`);
  }
  if (type === 'maintenance' && Date.parse(end) <= Date.parse(readAt)) {
    return no(`The maintenance window ended already, at ${clock(end)}.`);
  }
  return admitWords(updates, type, page);
}

function lines(request: Input, { page }: Before): SummaryLine[] {
  const { title, post_type: type, starts_at: start, ends_at: end, updates } = postOf(request);
  const fixed = [
    ['Title', whole(title)],
    ['Kind', type],
    ['From', clock(start)],
    ['Until', clock(end)],
  ] as const;
  return [
    ...fixed.map(([label, after]) => ({ label, now: null, after })),
    ...updates.flatMap((one, index) =>
      updateLines(one, page, null, updates.length === 1 ? '' : `Update ${index + 1}: `),
    ),
  ];
}

function verify(request: Input, { posts, complete }: After, attempt: AttemptFacts): Evidence {
  const [first] = postOf(request).updates;
  const ours = posts.filter(({ updates }) =>
    updates.some((one) => first !== undefined && isOfAttempt(first, one, attempt)),
  );
  const [only] = ours;
  const exact = only?.updates.some(
    (one) => first !== undefined && isOfAttempt(first, one, attempt) && isToTheLetter(first, one),
  );
  if (only !== undefined && exact && ours.length === 1) {
    const because = 'The page has one post with this title, start and message, dated when the call was sent.';
    return { applied: true, because, result: { post_id: only.id } };
  }
  return unproven(['page', 'post'], ours.length, complete);
}

export const createStatusPagePost = defineWriteTool<Input, Before, After>({
  name: 'create_status_page_post',
  title: 'Publish a post on a status page',
  description:
    'Publish an incident or maintenance post on a status page, for customers to read. Ids come from the list_status_page tools.',
  version: 1,
  toolset: 'status_pages',
  source: {
    operationId: 'createStatusPagePost',
    method: 'POST',
    path: '/status_pages/{id}/posts',
    scope: 'status_pages.write',
  },
  reads: ['status_pages.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    status_page_id: 'PWCUSTM',
    create_model: {
      post: {
        title: 'Maintenance of the web shop',
        post_type: 'maintenance',
        starts_at: '2099-01-05T20:00:00Z',
        ends_at: '2099-01-05T22:00:00Z',
        updates: [
          {
            message: 'The web shop will not be available during this window.',
            status: { id: 'PWCST04' },
            severity: { id: 'PWCSV03' },
            impacted_services: [{ service: { id: 'PWSSHOP' }, impact: { id: 'PWCIM03' } }],
            update_frequency_ms: 3_600_000,
            notify_subscribers: true,
          },
        ],
        status_page: { id: 'PWCUSTM' },
      },
    },
  },

  read,
  watched,
  admit,
  risk(request, { page, sameTitle }) {
    const { title, updates } = postOf(request);
    const again = sameTitle.length === 0 ? [] : [`The page has ${counted(sameTitle.length, 'post')} with this title.`];
    return strictest([
      ...publicRisks(updates, page, { quiet: 'high', title }),
      ...again.map((reason) => ({ level: 'medium' as const, reason })),
    ]);
  },
  touches: ({ status_page_id: pageId }) => ({ subjects: [`status_page:${pageId}`], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize(request, facts) {
    const { title, post_type: type, updates } = postOf(request);
    return {
      title: `Publish the ${kindOf(type)} "${oneLine(title)}" on ${pageWordsOf(facts.page)}`,
      target: facts.page.name,
      services: affectedNames(updates, facts.page),
      lines: lines(request, facts),
      effect: publicEffect(updates, facts.page, facts.told),
    };
  },
  call(request) {
    const { title, post_type: type, starts_at: start, ends_at: end, updates } = postOf(request);
    return {
      method: 'POST',
      path: `${pagePath(request.status_page_id)}/posts`,
      body: {
        post: {
          type: 'status_page_post',
          title,
          post_type: type,
          starts_at: start,
          ends_at: end,
          updates: updates.map(updateBody),
          status_page: { id: request.status_page_id, type: 'status_page' },
        },
      },
    };
  },
  alsoHolds: nothingElse,
  interpret(request, body) {
    const { post } = postAnswer.parse(body);
    const asked = postOf(request);
    if (post.post_type !== asked.post_type || !hasTitle(request, post)) {
      throw new TypeError('The answer shows another post.');
    }
    return { applied: true, result: { post_id: post.id }, secrets: [] };
  },
  async readBack(pagerduty, request) {
    const { items, more } = await readPosts(pagerduty, request);
    const candidates = items.filter(
      (post) => hasTitle(request, post) && sameInstant(postOf(request).starts_at, post.starts_at),
    );
    const posts = await Promise.all(
      candidates.slice(0, 5).map(async (post) => {
        const updates = await readUpdates(pagerduty, request.status_page_id, post.id);
        return { id: post.id, updates: updates.items };
      }),
    );
    return { posts, complete: !more && candidates.length <= 5 };
  },
  verify,
  undo: (_request, { page }) => ({
    possible: false,
    because: `No tool deletes posts; delete it on the status page "${page.name}" in PagerDuty. Mails that were sent stay sent.`,
  }),
});
