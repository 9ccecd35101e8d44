import { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import { reference } from '../../schemas.ts';
import { block, line, ref } from '../words/answers.ts';
import { withoutSecrets } from '../words/secrets.ts';
import { whole } from '../words/wording.ts';

// What agents get to see of orchestrations. Rules keep PagerDuty's own shape, so that they can be sent back.

const text = z.string().nullish();

export const orchestration = z.object({
  id: z.string(),
  name: text,
  description: text,
  team: reference.nullish(),
  integrations: z.array(z.object({ id: z.string(), label: text })).nullish(),
  routes: z.number().nullish(),
  created_at: text,
  updated_at: text,
  version: text,
});

export function orchestrationFields(found: z.infer<typeof orchestration>): JsonObject {
  return {
    id: found.id,
    name: line(found.name),
    description: line(found.description),
    team: ref(found.team),
    routes: found.routes ?? null,
    created_at: found.created_at ?? null,
    updated_at: found.updated_at ?? null,
    version: found.version ?? null,
  };
}

/** Text that an agent may have to send back: never cut. */
const exact = (value: string | null | undefined): string | null => (value ? whole(withoutSecrets(value)) : null);

const extraction = z.object({ target: text, template: text, regex: text, source: text });
const variable = z.object({ name: text, path: text, value: text, type: text });
const webhook = z.object({
  name: text,
  url: text,
  auto_send: z.boolean().nullish(),
  trigger_types: z.array(z.string()).nullish(),
  headers: z.array(z.object({ key: text })).nullish(),
  parameters: z.array(z.object({ key: text })).nullish(),
});

const actions = z.looseObject({
  route_to: text,
  dynamic_route_to: z.object({ source: text, regex: text, lookup_by: text }).nullish(),
  suppress: z.boolean().nullish(),
  suspend: z.number().nullish(),
  drop_event: z.boolean().nullish(),
  priority: text,
  escalation_policy: text,
  severity: text,
  event_action: text,
  annotate: text,
  variables: z.array(variable).nullish(),
  extractions: z.array(extraction).nullish(),
  automation_actions: z.array(webhook).nullish(),
});
type Actions = z.infer<typeof actions>;

const rule = z.object({
  id: text,
  label: text,
  conditions: z.array(z.object({ expression: text })).nullish(),
  actions: actions.nullish(),
  disabled: z.boolean().nullish(),
});

export const pathAnswer = z.object({
  orchestration_path: z.object({
    type: text,
    parent: reference.nullish(),
    sets: z.array(z.object({ id: text, rules: z.array(rule).nullish() })).nullish(),
    catch_all: z.object({ actions: actions.nullish() }).nullish(),
    created_at: text,
    updated_at: text,
    version: text,
  }),
});
type Path = z.infer<typeof pathAnswer>['orchestration_path'];

const each = (object: Record<string, string | null | undefined>): JsonObject =>
  Object.fromEntries(Object.entries(object).flatMap(([key, value]) => (value ? [[key, exact(value)]] : [])));

/** Only the host: the rest of an address may be a secret, as are header and parameter values. */
function hostOf(url: string | null | undefined): string | null {
  return url && URL.canParse(url) ? line(new URL(url).host) : null;
}

const keys = (list: { key?: string | null | undefined }[] | null | undefined) =>
  (list ?? []).map(({ key }) => line(key));

function webhookFields(one: z.infer<typeof webhook>): JsonObject {
  return {
    name: line(one.name),
    host: hostOf(one.url),
    auto_send: one.auto_send ?? false,
    trigger_types: (one.trigger_types ?? []).map((type) => line(type)),
    header_names: keys(one.headers),
    parameter_names: keys(one.parameters),
  };
}

function actionFields(found: Actions | null | undefined): JsonObject {
  const {
    dynamic_route_to: dynamic,
    annotate,
    variables,
    extractions,
    automation_actions: webhooks,
    suppress,
    suspend,
    drop_event: drop,
    ...rest
  } = found ?? {};
  const { route_to, priority, escalation_policy, severity, event_action, ...unknown } = rest;
  const parts: Record<string, Json | undefined> = {
    ...each({ route_to, priority, escalation_policy, severity, event_action }),
    dynamic_route_to: dynamic ? each(dynamic) : undefined,
    suppress: suppress ?? undefined,
    suspend: suspend ?? undefined,
    drop_event: drop ?? undefined,
    annotate: block(annotate) ?? undefined,
    variables: variables?.map(each),
    extractions: extractions?.map(each),
    automation_actions: webhooks?.map(webhookFields),
    // What else there is may hold anything, so only its name is told.
    other_actions: Object.keys(unknown).length === 0 ? undefined : Object.keys(unknown).map((name) => line(name)),
  };
  return Object.fromEntries(
    Object.entries(parts).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

export function pathFields(path: Path): JsonObject {
  return {
    type: path.type ?? null,
    parent: path.parent?.id ?? null,
    sets: (path.sets ?? []).map((set) => ({
      id: line(set.id),
      rules: (set.rules ?? []).map((one) => ({
        id: one.id ?? null,
        label: exact(one.label),
        conditions: (one.conditions ?? []).map(({ expression }) => ({ expression: exact(expression) })),
        actions: actionFields(one.actions),
        disabled: one.disabled ?? false,
      })),
    })),
    catch_all: { actions: actionFields(path.catch_all?.actions) },
    created_at: path.created_at ?? null,
    updated_at: path.updated_at ?? null,
    version: path.version ?? null,
  };
}

export const ruleCount = ({ sets }: Path): number =>
  (sets ?? []).reduce((sum, { rules }) => sum + (rules?.length ?? 0), 0);
