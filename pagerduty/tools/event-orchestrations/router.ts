import { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import { reference } from '../../schemas.ts';
import { named, onCallPerson } from '../facts/people.ts';
import { type TouchedService, touchedService } from '../facts/touched.ts';
import { listed, oneLine, whole } from '../words/wording.ts';
import type { AskedRule } from './asked.ts';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * As PagerDuty sent it, with everything that is unknown to us: a PUT replaces the whole document. What was parsed from
 * JSON is JSON at every depth.
 */
export const verbatim = z.custom<JsonObject>((value) => isObject(value as Json), 'not an object');

export const routerAnswer = z.object({
  orchestration_path: verbatim,
  warnings: z.array(z.object({ message: z.string().nullish(), rule_id: z.string().nullish() })).nullish(),
});

const text = z.string().nullish();

/** What we understand of a router. */
const understood = z.object({
  sets: z.array(z.object({ rules: z.array(verbatim) })).min(1),
  catch_all: z.object({ actions: z.object({ route_to: text }).nullish() }).nullish(),
  parent: reference.nullish(),
  version: text,
  updated_at: text,
});

const understoodRule = z.object({
  id: text,
  label: text,
  conditions: z.array(z.object({ expression: z.string() })).nullish(),
  actions: z
    .object({ route_to: text, dynamic_route_to: z.object({ source: text, regex: text, lookup_by: text }).nullish() })
    .nullish(),
  disabled: z.boolean().nullish(),
});

const KNOWN_PARTS = Object.keys(understoodRule.shape);
const KNOWN_ACTIONS = ['route_to', 'dynamic_route_to'];
/** What PagerDuty makes itself. */
export const READ_ONLY = ['type', 'parent', 'self', 'created_at', 'created_by', 'updated_at', 'updated_by', 'version'];

export interface RuleFacts {
  id: string | null;
  label: string;
  conditions: string[];
  /** Id of a service; null for a dynamic rule. */
  to: string | null;
  dynamic: { source: string; regex: string; lookupBy: string } | null;
  disabled: boolean;
  /** Names of what else it carries. */
  extra: string[];
}

export interface RouterFacts {
  rules: RuleFacts[];
  /** Id of a service, or `unrouted`. */
  catchAll: string;
}

/** The same JSON with sorted keys: what comes back from a database may have them in another order. */
export function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, ordered(value[key] ?? null)]));
}

export function ruleFacts(rule: JsonObject): RuleFacts {
  const { id, label, conditions, actions, disabled } = understoodRule.parse(rule);
  const dynamic = actions?.dynamic_route_to;
  const others = isObject(rule.actions) ? Object.keys(rule.actions) : [];
  return {
    id: id ?? null,
    label: label ?? '',
    conditions: (conditions ?? []).map(({ expression }) => expression),
    to: actions?.route_to ?? null,
    dynamic: dynamic
      ? { source: dynamic.source ?? '', regex: dynamic.regex ?? '', lookupBy: dynamic.lookup_by ?? '' }
      : null,
    disabled: disabled ?? false,
    extra: [
      ...Object.keys(rule).filter((part) => !KNOWN_PARTS.includes(part)),
      ...others.filter((part) => !KNOWN_ACTIONS.includes(part)),
    ].sort(),
  };
}

/** The rules as they came. */
export const rulesIn = (router: JsonObject): JsonObject[] => understood.parse(router).sets[0]?.rules ?? [];

/** @throws Error when it is no router. */
export function routerFacts(router: JsonObject): RouterFacts {
  const { catch_all: rest } = understood.parse(router);
  return { rules: rulesIn(router).map(ruleFacts), catchAll: rest?.actions?.route_to ?? 'unrouted' };
}

/** Its parent, version and time of change, where PagerDuty told them. */
export function stampOf(router: JsonObject) {
  const { parent, version, updated_at: updatedAt } = understood.parse(router);
  return { parentId: parent?.id ?? null, version: version ?? null, updatedAt: updatedAt ?? null };
}

function withoutNulls(object: JsonObject, known: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([part, value]) => value !== null || !known.includes(part)));
}

/** A rule as it is sent: what was asked for, on top of everything else the rule has now. */
export function mergedRule(asked: AskedRule, former: JsonObject | undefined): JsonObject {
  const kept = withoutNulls(former ?? {}, KNOWN_PARTS);
  const actions = isObject(kept.actions) ? kept.actions : {};
  const otherActions = Object.entries(actions).filter(([part]) => !KNOWN_ACTIONS.includes(part));
  const { route_to: to, dynamic_route_to: dynamic } = asked.actions;
  const conditions = Array.isArray(kept.conditions) ? kept.conditions.filter(isObject) : [];
  const { conditions: _replaced, ...rest } = kept;
  return {
    ...rest,
    ...(asked.label === undefined ? {} : { label: asked.label }),
    ...(dynamic === undefined
      ? {
          conditions: (asked.conditions ?? []).map(
            ({ expression }) => conditions.find((one) => one.expression === expression) ?? { expression },
          ),
        }
      : {}),
    actions: {
      ...Object.fromEntries(otherActions),
      ...(to === undefined ? {} : { route_to: to }),
      ...(dynamic === undefined ? {} : { dynamic_route_to: { ...dynamic } }),
    },
    ...(asked.disabled === undefined ? {} : { disabled: asked.disabled }),
  };
}

/** The document with other rules, and another catch-all if one is given; nothing else of it is lost. */
export function routerBody(router: JsonObject, rules: JsonObject[], catchAll?: string): JsonObject {
  const kept = Object.entries(router).filter(([part]) => !READ_ONLY.includes(part));
  const sets = Array.isArray(router.sets) ? router.sets.filter(isObject) : [];
  const [start = {}, ...others] = sets;
  const former = isObject(router.catch_all) ? router.catch_all : {};
  const actions = isObject(former.actions) ? withoutNulls(former.actions, KNOWN_ACTIONS) : {};
  const to = catchAll ?? actions.route_to ?? 'unrouted';
  return {
    orchestration_path: {
      ...Object.fromEntries(kept),
      sets: [{ ...start, id: start.id ?? 'start', rules }, ...others],
      catch_all: { ...former, actions: { ...actions, route_to: to } },
    },
  };
}

/** The rules as they are, for a PUT that leaves them alone. */
export const sentAgain = (rule: JsonObject): JsonObject => {
  const kept = withoutNulls(rule, KNOWN_PARTS);
  return isObject(kept.actions) ? { ...kept, actions: withoutNulls(kept.actions, KNOWN_ACTIONS) } : kept;
};

const LITERAL = /('(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$))/s;

/** An expression whatever its spacing; in quotes every space counts. */
const flat = (expression: string) =>
  expression
    .trim()
    .split(LITERAL)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/\s+/g, ' ')))
    .join('');

/** Which events a rule takes, and where to. */
const routeOf = ({ to, dynamic, conditions }: RuleFacts) => JSON.stringify([to, dynamic, conditions.map(flat)]);
const askedRoute = (asked: AskedRule) => routeOf(ruleFacts(mergedRule(asked, undefined)));

const saysAsAsked = (asked: AskedRule, there: RuleFacts) =>
  (asked.label === undefined || asked.label === there.label) &&
  (asked.disabled === undefined || asked.disabled === there.disabled);

/** Whether a rule does what was asked for; a label or switch that was not given is not compared. */
export const isRuleAsAsked = (asked: AskedRule, there: RuleFacts): boolean =>
  saysAsAsked(asked, there) && askedRoute(asked) === routeOf(there);

/**
 * The rule of before that each asked one is: by its id, else one of those left with the same conditions and route, if
 * possible with the same label, so that a rule which stays keeps its id when it is left out.
 */
export function formerOf(asked: AskedRule[], rules: JsonObject[]): (JsonObject | undefined)[] {
  const found = asked.map(({ id }) => rules.find((one) => id !== undefined && one.id === id));
  const free = new Map<string, { rule: JsonObject; facts: RuleFacts }[]>();
  for (const rule of rules.filter((one) => !found.includes(one))) {
    const facts = ruleFacts(rule);
    free.set(routeOf(facts), [...(free.get(routeOf(facts)) ?? []), { rule, facts }]);
  }
  const routes = asked.map((rule, index) => (found[index] === undefined ? askedRoute(rule) : ''));
  for (const fits of [saysAsAsked, () => true]) {
    asked.forEach((rule, index) => {
      if (found[index] !== undefined) return;
      const left = free.get(routes[index] ?? '') ?? [];
      const at = left.findIndex(({ facts }) => fits(rule, facts));
      if (at >= 0) found[index] = left.splice(at, 1)[0]?.rule;
    });
  }
  return found;
}

/** The name of a service that events go to. */
export function targetWords(to: string, services: TouchedService[]): string {
  if (to === 'unrouted') return 'Unrouted (no service)';
  return services.find(({ id }) => id === to)?.name ?? `${oneLine(to)}, a service that cannot be found`;
}

/**
 * `to Checkout API: "Shop front", when event.source matches 'shop'`. Our own words stand first, so that no label and no
 * condition can pass for them.
 */
export function ruleWords(rule: RuleFacts, services: TouchedService[]): string {
  const { label, conditions, to, dynamic, disabled, extra } = rule;
  const by = dynamic?.lookupBy === 'service_id' ? 'id' : 'name';
  const where = dynamic ? `the service whose ${by} the event tells` : targetWords(to ?? 'unrouted', services);
  const also = extra.length === 0 ? '' : `, also carries ${listed(extra.map((one) => oneLine(one, 40)))}`;
  const name = label === '' ? 'no label' : `"${whole(label)}"`;
  const told = dynamic && ` in ${whole(dynamic.source)} (regex ${whole(dynamic.regex)})`;
  const when = conditions.length === 0 ? 'every event' : `when ${conditions.map(whole).join(' or when ')}`;
  return `${disabled ? 'switched off, ' : ''}to ${where}${also}: ${name}, ${told ? `every event that tells it${told}` : when}`;
}

/** What a human must see of an orchestration before its router is changed. */
export const routerBefore = z.object({
  readAt: z.string(),
  orchestration: z.object({
    id: z.string(),
    name: z.string(),
    team: named.nullable(),
    integrations: z.array(z.string()),
  }),
  router: verbatim,
  /** Every service that a rule or the catch-all routes to, now or then; those that do not exist are left out. */
  services: z.array(touchedService),
  /** On call now for the touched services; null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
});
export type RouterBefore = z.infer<typeof routerBefore>;
