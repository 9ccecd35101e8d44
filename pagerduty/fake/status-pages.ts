import { z } from 'zod';
import { type Counter, instant, newId } from './ids.ts';
import { API } from './references.ts';
import { idOf, parsedBody } from './server/bodies.ts';
import { includes, list, paged, passes } from './server/query.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';

type PostType = 'incident' | 'maintenance';

/** A status, severity or impact that a page offers for one type of posts. */
export interface PageWord {
  id: string;
  description: string;
  postType: PostType;
}

export interface PostUpdate {
  id: string;
  message: string;
  statusId: string;
  severityId: string;
  impactedServices: { serviceId: string; impactId: string }[];
  /** Milliseconds until the next one is promised; null = nothing is promised. */
  updateFrequencyMs: number | null;
  notifySubscribers: boolean;
  reportedAt: string;
}

export interface StatusPagePost {
  id: string;
  postType: PostType;
  title: string;
  startsAt: string | null;
  endsAt: string | null;
  updates: PostUpdate[];
}

export interface PageSubscription {
  id: string;
  channel: 'email' | 'webhook' | 'slack';
  contact: string;
  status: 'active' | 'pending' | 'suspended';
  subscribedTo: { type: 'status_page' | 'status_page_service' | 'status_page_post'; id: string };
}

export interface StatusPage {
  id: string;
  name: string;
  type: 'public' | 'private' | 'audience_specific';
  url: string;
  publishedAt: string | null;
  services: { id: string; name: string; businessServiceId: string }[];
  statuses: PageWord[];
  severities: PageWord[];
  impacts: PageWord[];
  posts: StatusPagePost[];
  subscriptions: PageSubscription[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface StatusPages {
  statusPages: { pages: StatusPage[] };
}

type Seen = Counter & StatusPages;

/** What tests and demos name. */
export const statusPages = {
  /** Public; one open post, and subscribers. */
  customers: { id: 'PWCUSTM', name: 'Northwind Parcel Status' },
  /** Only for staff; nobody is subscribed. */
  staff: { id: 'PWSTAFF', name: 'Northwind Staff Status' },
} as const;

export const pageServices = {
  shop: { id: 'PWSSHOP', name: 'Web Shop' },
  tracking: { id: 'PWSTRCK', name: 'Parcel Tracking' },
} as const;

/** Words of the customers' page; those of the staff's page have an `S` instead of the `C`. */
export const pageWords = {
  investigating: { id: 'PWCST01', name: 'investigating' },
  identified: { id: 'PWCST02', name: 'identified' },
  resolved: { id: 'PWCST03', name: 'resolved' },
  scheduled: { id: 'PWCST04', name: 'scheduled' },
  minor: { id: 'PWCSV01', name: 'minor' },
  major: { id: 'PWCSV02', name: 'major' },
  planned: { id: 'PWCSV03', name: 'planned' },
  degraded: { id: 'PWCIM01', name: 'degraded performance' },
  outage: { id: 'PWCIM02', name: 'outage' },
  maintained: { id: 'PWCIM03', name: 'under maintenance' },
} as const;

/** On the customers' page: open, with two updates. */
export const openPost = { id: 'PWPCHKT', title: 'Checkout is slow for some customers' } as const;

export const emptyStatusPages = (): StatusPages => ({ statusPages: { pages: [] } });

function words(letter: 'C' | 'S'): Pick<StatusPage, 'statuses' | 'severities' | 'impacts'> {
  const word = ({ id, name }: { id: string; name: string }, postType: PostType): PageWord => ({
    id: id.replace('PWC', `PW${letter}`),
    description: name,
    postType,
  });
  const { investigating, identified, resolved, scheduled, minor, major, planned, degraded, outage, maintained } =
    pageWords;
  return {
    statuses: [
      ...[investigating, identified, resolved].map((one) => word(one, 'incident')),
      word(scheduled, 'maintenance'),
    ],
    severities: [...[minor, major].map((one) => word(one, 'incident')), word(planned, 'maintenance')],
    impacts: [...[degraded, outage].map((one) => word(one, 'incident')), word(maintained, 'maintenance')],
  };
}

function seededPost(now: Date): StatusPagePost {
  const ago = (minutes: number) => instant(new Date(now.getTime() - minutes * 60_000));
  const common = { severityId: pageWords.minor.id, updateFrequencyMs: 1_800_000, notifySubscribers: true };
  const impactedServices = [{ serviceId: pageServices.shop.id, impactId: pageWords.degraded.id }];
  return {
    id: openPost.id,
    postType: 'incident',
    title: openPost.title,
    startsAt: ago(40),
    endsAt: ago(-80),
    updates: [
      {
        ...common,
        id: 'PWUPD01',
        message: 'We are looking into slow checkouts in our web shop.',
        statusId: pageWords.investigating.id,
        impactedServices,
        reportedAt: ago(40),
      },
      {
        ...common,
        id: 'PWUPD02',
        message: 'A recent release slows the checkout down. We are taking it back.',
        statusId: pageWords.identified.id,
        impactedServices,
        reportedAt: ago(15),
      },
    ],
  };
}

function subscribers(): PageSubscription[] {
  const page = { type: 'status_page' as const, id: statusPages.customers.id };
  const shop = { type: 'status_page_service' as const, id: pageServices.shop.id };
  const tracking = { type: 'status_page_service' as const, id: pageServices.tracking.id };
  const one = (
    number: number,
    channel: PageSubscription['channel'],
    contact: string,
    subscribedTo: PageSubscription['subscribedTo'],
    status: PageSubscription['status'] = 'active',
  ): PageSubscription => ({ id: `PWSUB0${number}`, channel, contact, status, subscribedTo });
  return [
    one(1, 'email', 'ops@blueharbor.example', page),
    one(2, 'email', 'it@tallpines.example', page),
    one(3, 'email', 'support@redkite.example', page),
    one(4, 'webhook', 'https://hooks.redkite.example/status', page),
    one(5, 'email', 'shop@oakandivy.example', shop),
    one(6, 'email', 'depot@fastlane.example', tracking),
    one(7, 'email', 'new@greyfox.example', page, 'pending'),
    one(8, 'email', 'cto@oakandivy.example', { type: 'status_page_post', id: openPost.id }),
  ];
}

/** What Northwind Parcel has of it. */
export function seedStatusPages(now: Date): StatusPages {
  const customers: StatusPage = {
    ...statusPages.customers,
    type: 'public',
    url: 'https://status.northwind.example',
    publishedAt: '2024-03-04T09:00:00Z',
    services: [
      { ...pageServices.shop, businessServiceId: 'PBSHOP1' },
      { ...pageServices.tracking, businessServiceId: 'PBTRCK1' },
    ],
    ...words('C'),
    posts: [seededPost(now)],
    subscriptions: subscribers(),
  };
  const staff: StatusPage = {
    ...statusPages.staff,
    type: 'private',
    url: 'https://staff-status.northwind.example',
    publishedAt: '2024-05-13T09:00:00Z',
    services: [{ id: 'PWSDEPO', name: 'Depots', businessServiceId: 'PBDEPO1' }],
    ...words('S'),
    posts: [],
    subscriptions: [],
  };
  return { statusPages: { pages: [customers, staff] } };
}

const pageOf = (state: Seen, id: string | undefined) => found(state.statusPages.pages, id);

const pointer = (page: StatusPage, collection: string, type: string, id: string) => ({
  id,
  self: `${API}/status_pages/${page.id}/${collection}/${id}`,
  type,
});

const pagePointer = (page: StatusPage) => ({ id: page.id, type: 'status_page' });

const renderPage = ({ id, name, type, url, publishedAt }: StatusPage) => ({
  id,
  type: 'status_page',
  name,
  published_at: publishedAt,
  status_page_type: type,
  url,
});

function renderUpdate(page: StatusPage, post: StatusPagePost, update: PostUpdate) {
  return {
    ...pointer(page, `posts/${post.id}/post_updates`, 'status_page_post_update', update.id),
    post: pointer(page, 'posts', 'status_page_post', post.id),
    message: update.message,
    reviewed_status: 'approved',
    status: pointer(page, 'statuses', 'status_page_status', update.statusId),
    severity: pointer(page, 'severities', 'status_page_severity', update.severityId),
    impacted_services: update.impactedServices.map(({ serviceId, impactId }) => ({
      service: pointer(page, 'services', 'status_page_service', serviceId),
      impact: pointer(page, 'impacts', 'status_page_impact', impactId),
    })),
    update_frequency_ms: update.updateFrequencyMs,
    notify_subscribers: update.notifySubscribers,
    reported_at: update.reportedAt,
  };
}

const renderPost = (page: StatusPage, post: StatusPagePost, whole = false) => ({
  ...pointer(page, 'posts', 'status_page_post', post.id),
  post_type: post.postType,
  status_page: pagePointer(page),
  title: post.title,
  starts_at: post.startsAt,
  ends_at: post.endsAt,
  updates: post.updates.map((update) =>
    whole
      ? renderUpdate(page, post, update)
      : pointer(page, `posts/${post.id}/post_updates`, 'status_page_post_update', update.id),
  ),
});

const listPages: Handle<Seen> = (state, { query }) => {
  const type = query.get('status_page_type');
  const matching = state.statusPages.pages.filter((page) => type === null || page.type === type);
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { status_pages: records.map(renderPage), ...page } };
};

/** The lists of words differ in their names only. */
function listWords(name: 'statuses' | 'severities' | 'impacts', type: string): Handle<Seen> {
  return (state, { params, query }) => {
    const page = pageOf(state, params.id);
    const postType = query.get('post_type');
    const matching = page[name].filter((word) => postType === null || word.postType === postType);
    const { records, page: position } = paged({ query }, matching);
    const rendered = records.map((word) => ({
      ...pointer(page, name, type, word.id),
      description: word.description,
      post_type: word.postType,
      status_page: pagePointer(page),
    }));
    return { status: 200, body: { [name]: rendered, ...position } };
  };
}

const listPageServices: Handle<Seen> = (state, { params, query }) => {
  const page = pageOf(state, params.id);
  const { records, page: position } = paged({ query }, page.services);
  const services = records.map(({ id, name, businessServiceId }) => ({
    ...pointer(page, 'services', 'status_page_service', id),
    name,
    status_page: pagePointer(page),
    business_service: {
      id: businessServiceId,
      self: `${API}/business_services/${businessServiceId}`,
      type: 'business_service',
    },
  }));
  return { status: 200, body: { services, ...position } };
};

const listPosts: Handle<Seen> = (state, { params, query }) => {
  const page = pageOf(state, params.id);
  const type = query.get('post_type');
  const matching = page.posts.filter(
    ({ postType, updates }) =>
      (type === null || postType === type) && passes(list(query, 'status'), updates.at(-1)?.statusId ?? null),
  );
  const { records, page: position } = paged({ query }, matching);
  return { status: 200, body: { posts: records.map((post) => renderPost(page, post)), ...position } };
};

const getPost: Handle<Seen> = (state, { params, query }) => {
  const page = pageOf(state, params.id);
  const post = found(page.posts, params.post_id);
  return { status: 200, body: { post: renderPost(page, post, includes(query, 'status_page_post_update')) } };
};

const listUpdates: Handle<Seen> = (state, { params, query }) => {
  const page = pageOf(state, params.id);
  const post = found(page.posts, params.post_id);
  // Nobody reviews updates here: all of them are approved.
  const matching = query.get('reviewed_status') === 'not_reviewed' ? [] : post.updates;
  const { records, page: position } = paged({ query }, matching);
  return {
    status: 200,
    body: { post_updates: records.map((update) => renderUpdate(page, post, update)), ...position },
  };
};

const listSubscriptions: Handle<Seen> = (state, { params, query }) => {
  const page = pageOf(state, params.id);
  const [status, channel] = [query.get('status'), query.get('channel')];
  const matching = page.subscriptions.filter(
    (one) => (status === null || one.status === status) && (channel === null || one.channel === channel),
  );
  const { records, page: position } = paged({ query }, matching);
  const subscriptions = records.map(({ id, channel: via, contact, status: state, subscribedTo }) => ({
    ...pointer(page, 'subscriptions', 'status_page_subscription', id),
    channel: via,
    contact,
    status: state,
    status_page: pagePointer(page),
    subscribable_object: subscribedTo,
  }));
  return { status: 200, body: { subscriptions, ...position } };
};

const isoInstant = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'is not a date');

const updateBody = z.object({
  type: z.literal('status_page_post_update'),
  post: idOf.optional(),
  message: z.string().min(1),
  status: idOf,
  severity: idOf,
  impacted_services: z.array(z.object({ service: idOf, impact: idOf })),
  update_frequency_ms: z.int().min(0).nullish(),
  notify_subscribers: z.boolean(),
  reported_at: isoInstant.nullish(),
});

const newPost = z.object({
  post: z.object({
    type: z.literal('status_page_post'),
    title: z.string().min(1).max(128),
    post_type: z.enum(['incident', 'maintenance']),
    starts_at: isoInstant.nullable(),
    ends_at: isoInstant.nullable(),
    updates: z.array(updateBody).min(1).max(50),
    status_page: idOf,
  }),
});

const newUpdate = z.object({ post_update: updateBody });

const utc = (text: string) => instant(new Date(text));

/** @throws Refusal 400 when the page has no such word for posts of this type. */
function wordFor(wanted: PageWord[], id: string, postType: PostType, what: string): string {
  if (!wanted.some((word) => word.id === id && word.postType === postType)) throw invalid(`${what} is invalid`);
  return id;
}

function updateOf(state: Seen, page: StatusPage, postType: PostType, asked: z.infer<typeof updateBody>, now: Date) {
  const update: PostUpdate = {
    id: newId(state, 'P'),
    message: asked.message,
    statusId: wordFor(page.statuses, asked.status.id, postType, 'Status'),
    severityId: wordFor(page.severities, asked.severity.id, postType, 'Severity'),
    impactedServices: asked.impacted_services.map(({ service, impact }) => {
      if (!page.services.some(({ id }) => id === service.id)) throw invalid('Service is invalid');
      return { serviceId: service.id, impactId: wordFor(page.impacts, impact.id, postType, 'Impact') };
    }),
    updateFrequencyMs: asked.update_frequency_ms ?? null,
    notifySubscribers: asked.notify_subscribers,
    reportedAt: asked.reported_at ? utc(asked.reported_at) : instant(now),
  };
  return update;
}

const postPost: Handle<Seen> = (state, { params, body, now }) => {
  const page = pageOf(state, params.id);
  const asked = parsedBody(newPost, body).post;
  if (asked.status_page.id !== page.id) throw invalid('Status page is invalid');
  const post: StatusPagePost = {
    id: newId(state, 'P'),
    postType: asked.post_type,
    title: asked.title,
    startsAt: asked.starts_at === null ? null : utc(asked.starts_at),
    endsAt: asked.ends_at === null ? null : utc(asked.ends_at),
    updates: [],
  };
  post.updates = asked.updates.map((update) => updateOf(state, page, post.postType, update, now));
  page.posts.push(post);
  return { status: 201, body: { post: renderPost(page, post) } };
};

const postUpdate: Handle<Seen> = (state, { params, body, now }) => {
  const page = pageOf(state, params.id);
  const post = found(page.posts, params.post_id);
  const asked = parsedBody(newUpdate, body).post_update;
  if (asked.post !== undefined && asked.post.id !== post.id) throw invalid('Post is invalid');
  const update = updateOf(state, page, post.postType, asked, now);
  post.updates.push(update);
  return { status: 201, body: { post_update: renderUpdate(page, post, update) } };
};

const read = { method: 'GET', scope: 'status_pages.read' } as const;
const write = { method: 'POST', scope: 'status_pages.write' } as const;

export const statusPageRoutes: Route<Seen>[] = [
  { ...read, path: '/status_pages', handle: listPages },
  { ...read, path: '/status_pages/{id}/statuses', handle: listWords('statuses', 'status_page_status') },
  { ...read, path: '/status_pages/{id}/severities', handle: listWords('severities', 'status_page_severity') },
  { ...read, path: '/status_pages/{id}/impacts', handle: listWords('impacts', 'status_page_impact') },
  { ...read, path: '/status_pages/{id}/services', handle: listPageServices },
  { ...read, path: '/status_pages/{id}/subscriptions', handle: listSubscriptions },
  { ...read, path: '/status_pages/{id}/posts', handle: listPosts },
  { ...write, path: '/status_pages/{id}/posts', handle: postPost },
  { ...read, path: '/status_pages/{id}/posts/{post_id}', handle: getPost },
  { ...read, path: '/status_pages/{id}/posts/{post_id}/post_updates', handle: listUpdates },
  { ...write, path: '/status_pages/{id}/posts/{post_id}/post_updates', handle: postUpdate },
];
