import { z } from 'zod';
import { services } from './company.ts';
import { type Counter, instant, newId } from './ids.ts';
import { type Names, serviceReference } from './references.ts';
import { idOf, parsedBody } from './server/bodies.ts';
import { list, passes } from './server/query.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';

interface AlertGroupingConfig {
  aggregate?: 'all' | 'any';
  fields?: string[];
  time_window?: number;
  recommended_time_window?: number;
  timeout?: number;
  iag_fields?: string[];
}

interface AlertGrouping {
  id: string;
  name: string | null;
  description: string | null;
  type: 'content_based' | 'content_based_intelligent' | 'intelligent' | 'time';
  config: AlertGroupingConfig;
  serviceIds: string[];
  createdAt: string;
  updatedAt: string;
}

/** What the playable PagerDuty keeps of this domain. */
export interface AlertGroupings {
  alertGroupings: { settings: AlertGrouping[] };
}

type Seen = Counter & AlertGroupings & Names<'services'>;

export const alertGroupings = {
  checkout: { id: 'PAGCHKT', name: 'Checkout by component' },
  /** Has neither a name nor a description. */
  tracking: { id: 'PAGTRCK' },
} as const;

export const emptyAlertGroupings = (): AlertGroupings => ({ alertGroupings: { settings: [] } });

/** What Northwind Parcel has of it. */
export function seedAlertGroupings(): AlertGroupings {
  const settings: AlertGrouping[] = [
    {
      ...alertGroupings.checkout,
      description: 'One incident per broken component.',
      type: 'content_based',
      config: { aggregate: 'all', fields: ['component', 'custom_details.region'], time_window: 900 },
      serviceIds: [services.checkout.id, services.payments.id],
      createdAt: '2024-03-04T09:12:00Z',
      updatedAt: '2024-05-21T15:40:00Z',
    },
    {
      ...alertGroupings.tracking,
      name: null,
      description: null,
      type: 'intelligent',
      config: { time_window: 0, recommended_time_window: 420, iag_fields: ['summary'] },
      serviceIds: [services.tracking.id],
      createdAt: '2024-06-11T07:00:00Z',
      updatedAt: '2024-06-11T07:00:00Z',
    },
  ];
  return { alertGroupings: { settings } };
}

function render(state: Seen, setting: AlertGrouping) {
  const { serviceIds, createdAt, updatedAt, ...rest } = setting;
  return {
    ...rest,
    services: serviceIds.map((id) => serviceReference(state, id)),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

const cursorOf = (setting: AlertGrouping | undefined) =>
  setting === undefined ? null : Buffer.from(`after ${setting.id}`).toString('base64');

const idIn = (cursor: string) => Buffer.from(cursor, 'base64').toString('utf8').replace('after ', '');

const listSettings: Handle<Seen> = (state, { query }) => {
  const wanted = list(query, 'service_ids');
  const matching = state.alertGroupings.settings.filter(({ serviceIds }) => passes(wanted, ...serviceIds));
  const limit = Number(query.get('limit') ?? 25);
  const [after, before] = [query.get('after'), query.get('before')];
  const position = (cursor: string) => matching.findIndex(({ id }) => id === idIn(cursor));
  const start = after ? position(after) + 1 : before ? Math.max(0, position(before) - limit) : 0;
  const page = matching.slice(start, start + limit);
  return {
    status: 200,
    body: {
      alert_grouping_settings: page.map((setting) => render(state, setting)),
      after: start + limit < matching.length ? cursorOf(page.at(-1)) : null,
      before: start > 0 ? cursorOf(page[0]) : null,
      limit,
      total: query.get('total') === 'true' ? matching.length : null,
    },
  };
};

const getSetting: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { alert_grouping_setting: render(state, found(state.alertGroupings.settings, params.id)) },
});

const type = z.enum(['content_based', 'content_based_intelligent', 'intelligent', 'time']);

/** 0 = the recommended one. */
const window = z.int().refine((value) => value === 0 || (value >= 300 && value <= 3_600), 'is not a valid window');
const contentWindow = z
  .int()
  .refine((value) => [0, 86_400].includes(value) || (value >= 300 && value <= 3_600), 'is not a valid window');
const content = { aggregate: z.enum(['all', 'any']), fields: z.array(z.string()).min(1) };

const configs: Record<AlertGrouping['type'], z.ZodType<AlertGroupingConfig>> = {
  content_based: z.strictObject({ ...content, time_window: contentWindow }),
  content_based_intelligent: z.strictObject({ ...content, time_window: window }),
  intelligent: z.strictObject({ time_window: window, iag_fields: z.array(z.string()).min(1).optional() }),
  time: z.strictObject({
    timeout: z.int().refine((value) => value === 0 || (value >= 60 && value <= 86_400), 'is not a valid timeout'),
  }),
};

const fields = z.strictObject({
  name: z.string().nullish(),
  description: z.string().nullish(),
  type,
  config: z.unknown(),
  services: z.array(idOf).max(250).optional(),
});

function apply(state: Seen, setting: AlertGrouping, asked: z.infer<typeof fields>, now: Date): void {
  const config = parsedBody(configs[asked.type], asked.config);
  if (asked.type === 'intelligent') config.iag_fields ??= ['summary'];
  const ids = asked.services?.map(({ id }) => id) ?? setting.serviceIds;
  for (const id of ids) {
    if (!state.services.some((service) => service.id === id)) throw invalid(`Service ${id} not found`);
    const other = state.alertGroupings.settings.find((one) => one.id !== setting.id && one.serviceIds.includes(id));
    if (other !== undefined) throw invalid(`Service ${id} already has the alert grouping setting ${other.id}`);
  }
  if (ids.length === 0) throw invalid("Services can't be blank");
  if (asked.type === 'content_based_intelligent' && ids.length > 1) throw invalid('Services: only one is allowed');
  if (asked.name !== undefined) setting.name = asked.name;
  if (asked.description !== undefined) setting.description = asked.description;
  Object.assign(setting, { type: asked.type, config, serviceIds: ids, updatedAt: instant(now) });
}

const body = z.object({ alert_grouping_setting: fields });

const postSetting: Handle<Seen> = (state, incoming) => {
  const asked = parsedBody(body, incoming.body).alert_grouping_setting;
  const setting: AlertGrouping = {
    id: newId(state, 'P'),
    name: null,
    description: null,
    type: asked.type,
    config: {},
    serviceIds: [],
    createdAt: instant(incoming.now),
    updatedAt: instant(incoming.now),
  };
  apply(state, setting, asked, incoming.now);
  state.alertGroupings.settings.push(setting);
  return { status: 201, body: { alert_grouping_setting: render(state, setting) } };
};

const putSetting: Handle<Seen> = (state, incoming) => {
  const setting = found(state.alertGroupings.settings, incoming.params.id);
  apply(state, setting, parsedBody(body, incoming.body).alert_grouping_setting, incoming.now);
  return { status: 200, body: { alert_grouping_setting: render(state, setting) } };
};

const deleteSetting: Handle<Seen> = (state, { params }) => {
  const setting = found(state.alertGroupings.settings, params.id);
  state.alertGroupings.settings = state.alertGroupings.settings.filter(({ id }) => id !== setting.id);
  return { status: 204 };
};

export const alertGroupingRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/alert_grouping_settings', scope: 'services.read', handle: listSettings },
  { method: 'POST', path: '/alert_grouping_settings', scope: 'services.write', handle: postSetting },
  { method: 'GET', path: '/alert_grouping_settings/{id}', scope: 'services.read', handle: getSetting },
  { method: 'PUT', path: '/alert_grouping_settings/{id}', scope: 'services.write', handle: putSetting },
  { method: 'DELETE', path: '/alert_grouping_settings/{id}', scope: 'services.write', handle: deleteSetting },
];
