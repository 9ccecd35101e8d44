import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { type AttemptFacts, defineWriteTool, type Evidence, type Verdict, type Watched } from '../../write-tool.ts';
import { no, nothingElse } from '../evidence/watching.ts';
import { id, jsonText, toolInput } from '../input/parameters.ts';
import { strictest } from '../words/risks.ts';
import { shareable } from '../words/secrets.ts';
import { oneLine } from '../words/wording.ts';
import {
  nameIn,
  pageFacts,
  pageWordsOf,
  postPath,
  readPage,
  readSubscribers,
  readUpdates,
  subscribers,
  watchedPage,
} from './page.ts';
import { type PagerDutyPostUpdate, postAnswer, updateAnswer } from './shapes.ts';
import {
  admitWords,
  affectedNames,
  datedAsAsked,
  factsOf,
  isOfAttempt,
  isToTheLetter,
  kindOf,
  lastUpdate,
  notifies,
  publicEffect,
  publicRisks,
  saysSame,
  serviceIdsOf,
  unproven,
  updateAsked,
  updateBody,
  updateLines,
  usedWords,
} from './updates.ts';

const input = toolInput({
  status_page_id: id('status page'),
  post_id: id('post'),
  create_model: jsonText(z.strictObject({ post_update: jsonText(updateAsked) })),
}).refine(
  ({ post_id: postId, create_model: { post_update: update } }) =>
    update.post === undefined || update.post.id === postId,
  'post_id and create_model.post_update.post name different posts.',
);
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  page: pageFacts,
  post: z.object({ id: z.string(), title: z.string(), type: z.string().nullable() }),
  updateIds: z.array(z.string()),
  last: lastUpdate.nullable(),
  /** Whether the post says exactly this already. */
  repeated: z.boolean(),
  /** Null when nobody is to be told, or PagerDuty could not tell. */
  told: subscribers.nullable(),
});
type Before = z.infer<typeof before>;

interface After {
  updates: PagerDutyPostUpdate[];
  complete: boolean;
}

const updateOf = ({ create_model: { post_update: update } }: Input) => update;

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const { status_page_id: pageId, post_id: postId } = request;
  const asked = updateOf(request);
  const about = { serviceIds: serviceIdsOf([asked]), postId };
  const [page, { post }, { items }, told] = await Promise.all([
    readPage(pagerduty, pageId),
    pagerduty.get(postPath(pageId, postId), postAnswer),
    readUpdates(pagerduty, pageId, postId),
    notifies([asked]) ? readSubscribers(pagerduty, pageId, about) : null,
  ]);
  const last = items.at(-1);
  return {
    readAt: new Date().toISOString(),
    page,
    post: { id: post.id, title: oneLine(post.title ?? post.id), type: post.post_type ?? null },
    updateIds: items.map((one) => one.id).sort(),
    last: last === undefined ? null : factsOf(last),
    repeated: items.some((one) => saysSame(asked, one) && (one === last || datedAsAsked(asked, one))),
    told,
  };
}

function watched(request: Input, { page, post, updateIds, last }: Before): Watched[] {
  const saying = last === null ? 'nothing' : oneLine(shareable(last.message));
  const status = last?.statusId ? nameIn(page.statuses, last.statusId) : 'unknown';
  return [
    ...watchedPage(page, usedWords([updateOf(request)], page)),
    { key: 'title', subject: 'The title of the post', value: post.title, words: `"${shareable(post.title)}"` },
    { key: 'last', subject: 'The last update of the post', value: last, words: `"${status}: ${saying}"` },
    { key: 'updates', subject: 'The number of updates', value: updateIds, words: `${updateIds.length}` },
  ];
}

/** The last statuses that PagerDuty has for the two types of posts. */
const CLOSED = /^(resolved|completed)$/i;

function admit(request: Input, { page, post, last, repeated }: Before): Verdict {
  const title = shareable(post.title);
  if (repeated) return no(`The post "${title}" says exactly this already.`);
  const status = last?.statusId ? nameIn(page.statuses, last.statusId) : '';
  if (CLOSED.test(status)) {
    return no(`The post "${title}" is ${status} already; an update would open it again. Publish a new post instead.`);
  }
  return admitWords([updateOf(request)], post.type, page);
}

function verify(request: Input, { updates, complete }: After, attempt: AttemptFacts): Evidence {
  const ours = updates.filter((one) => isOfAttempt(updateOf(request), one, attempt));
  const [only] = ours;
  if (only !== undefined && ours.length === 1 && isToTheLetter(updateOf(request), only)) {
    const because = 'The post has one update with this message and status, dated when the call was sent.';
    return { applied: true, because, result: { post_update_id: only.id } };
  }
  return unproven(['post', 'update'], ours.length, complete);
}

export const createStatusPagePostUpdate = defineWriteTool<Input, Before, After>({
  name: 'create_status_page_post_update',
  title: 'Publish an update to a post',
  description: 'Publish an update to a post on a status page, for customers to read.',
  version: 1,
  toolset: 'status_pages',
  source: {
    operationId: 'createStatusPagePostUpdate',
    method: 'POST',
    path: '/status_pages/{id}/posts/{post_id}/post_updates',
    scope: 'status_pages.write',
  },
  reads: ['status_pages.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    status_page_id: 'PWCUSTM',
    post_id: 'PWPCHKT',
    create_model: {
      post_update: {
        message: 'The release was taken back. Checkouts are fast again.',
        status: { id: 'PWCST03' },
        severity: { id: 'PWCSV01' },
        impacted_services: [],
        update_frequency_ms: 3_600_000,
        notify_subscribers: true,
      },
    },
  },

  read,
  watched,
  admit,
  risk: (request, { page }) => strictest(publicRisks([updateOf(request)], page, { quiet: 'critical' })),
  touches: ({ status_page_id: pageId }) => ({ subjects: [`status_page:${pageId}`], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize(request, { page, post, last, told }) {
    const asked = updateOf(request);
    return {
      title: `Publish an update to the ${kindOf(post.type)} "${post.title}" on ${pageWordsOf(page)}`,
      target: `${page.name}: ${post.title}`,
      services: affectedNames([asked], page),
      lines: updateLines(asked, page, last),
      effect: publicEffect([asked], page, told),
    };
  },
  call: (request) => ({
    method: 'POST',
    path: `${postPath(request.status_page_id, request.post_id)}/post_updates`,
    body: {
      post_update: { ...updateBody(updateOf(request)), post: { id: request.post_id, type: 'status_page_post' } },
    },
  }),
  alsoHolds: nothingElse,
  interpret(request, body) {
    const { post_update: made } = updateAnswer.parse(body);
    const asked = updateOf(request);
    const elsewhere = made.post ? made.post.id !== request.post_id : false;
    if (elsewhere || made.status?.id !== asked.status.id || made.severity?.id !== asked.severity.id) {
      throw new TypeError('The answer shows another update.');
    }
    return { applied: true, result: { post_update_id: made.id }, secrets: [] };
  },
  async readBack(pagerduty, { status_page_id: pageId, post_id: postId }) {
    const { items, more } = await readUpdates(pagerduty, pageId, postId);
    return { updates: items, complete: !more };
  },
  verify,
  undo: (_request, { page }) => ({
    possible: false,
    because: `No tool deletes updates; delete it on the status page "${page.name}" in PagerDuty. Mails that were sent stay sent.`,
  }),
});
