import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import { type AttemptFacts, defineWriteTool, type Evidence, type SummaryLine, type Verdict } from '../../write-tool.ts';
import { stampPresence } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { jsonText, optional, toolInput, uuid } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { counted, listed, whole } from '../words/wording.ts';
import { catchAll, ruleSet } from './asked.ts';
import { differenceOf } from './changes.ts';
import { routerEffect, routerLines, routerReviewers, touchedServices, watchedRouter } from './difference.ts';
import { readOrchestration, readRouterAgain } from './reading.ts';
import {
  formerOf,
  isRuleAsAsked,
  mergedRule,
  type RouterBefore,
  type RouterFacts,
  routerBefore,
  routerBody,
  routerFacts,
  ruleFacts,
  rulesIn,
  stampOf,
} from './router.ts';
import { answeredRouter, lastChangedBefore } from './settled.ts';
import { formerRouter } from './undoing.ts';

const path = z.strictObject({
  type: hidden(optional(z.literal('router'))),
  sets: jsonText(z.array(jsonText(ruleSet)).length(1, 'A router has exactly one set of rules.')),
  catch_all: jsonText(catchAll).describe('Where events go that match no rule.'),
});

const input = toolInput({
  orchestration_id: uuid('event orchestration'),
  router_update: jsonText(z.strictObject({ orchestration_path: jsonText(path) })).describe('The complete router.'),
});
type Input = z.infer<typeof input>;

function askedOf(request: Input) {
  const { sets, catch_all: rest } = request.router_update.orchestration_path;
  return { rules: sets[0]?.rules ?? [], catchAll: rest.actions.route_to };
}

/** The rules as they are sent. An id that no rule has is a placeholder, which PagerDuty would not know. */
function rulesAfter(request: Input, router: JsonObject): JsonObject[] {
  const asked = askedOf(request).rules;
  const former = formerOf(asked, rulesIn(router));
  return asked.map(({ id: _id, ...rule }, index) => mergedRule(rule, former[index]));
}

/** Ids that were asked for and are not sent: a human must not take them for the ids of rules. */
function placeholderLines(request: Input, router: JsonObject): SummaryLine[] {
  const former = rulesIn(router).map(({ id }) => id);
  const unknown = askedOf(request).rules.flatMap(({ id }) => (id === undefined || former.includes(id) ? [] : id));
  if (unknown.length === 0) return [];
  const after = `${listed(unknown.map(whole), 50)} (no rule has it: PagerDuty gives new rules ids of its own)`;
  return [{ label: 'Ids not sent', now: null, after }];
}

const after = (request: Input, router: JsonObject): RouterFacts => ({
  rules: rulesAfter(request, router).map(ruleFacts),
  catchAll: askedOf(request).catchAll,
});

function admit(request: Input, before: RouterBefore): Verdict {
  const now = routerFacts(before.router);
  const then = after(request, before.router);
  const known = [...before.services.map(({ id }) => id), ...now.rules.map(({ to }) => to), now.catchAll, 'unrouted'];
  const missing = [...then.rules.flatMap(({ to }) => to ?? []), then.catchAll].filter((to) => !known.includes(to));
  if (missing.length > 0) return no(`PagerDuty has no service ${listed([...new Set(missing)])}.`);
  const { changes, catchAllChanges } = differenceOf(now, then);
  if (changes.length > 0 || catchAllChanges) return yes;
  return no(`The router of "${before.orchestration.name}" is like that already.`);
}

function risks(request: Input, before: RouterBefore): Risk[] {
  const then = after(request, before.router);
  const { changes, catchAllChanges } = differenceOf(routerFacts(before.router), then);
  const found: Risk[] = [
    { level: 'critical', reason: 'Replaces every routing rule: events can be lost or page the wrong people.' },
  ];
  const dropped = changes.filter((change) => change.after === null).length;
  if (dropped > 0) found.push({ level: 'critical', reason: `Drops ${counted(dropped, 'rule')}.` });
  if (catchAllChanges) found.push({ level: 'critical', reason: 'Changes where events go that match no rule.' });
  return [...found, ...textRisks(then.rules.map(({ label }) => label).join(' '))];
}

/** Null: there is no such router any more. */
type After = JsonObject | null;

function verify(request: Input, router: After, attempt: AttemptFacts): Evidence {
  if (router === null) return { applied: null, because: 'The router cannot be found any more. A human must look.' };
  const asked = askedOf(request);
  const there = routerFacts(router);
  const same = asked.rules.every((rule, index) => {
    const is = there.rules[index];
    return is !== undefined && isRuleAsAsked(rule, is);
  });
  if (same && asked.rules.length === there.rules.length && asked.catchAll === there.catchAll) {
    const seen = 'The router has exactly the rules and the catch-all that were asked for.';
    return stampPresence(stampOf(router).updatedAt, attempt, seen, { orchestration_id: request.orchestration_id });
  }
  return lastChangedBefore(router, attempt);
}

export const updateEventOrchestrationRouter = defineWriteTool<Input, RouterBefore, After>({
  name: 'update_event_orchestration_router',
  title: 'Replace the routing rules of an event orchestration',
  description:
    'Replace all routing rules and the catch-all of an event orchestration. Read the router first and send it back whole: a rule that is left out is deleted.',
  version: 1,
  toolset: 'event_orchestrations',
  source: {
    operationId: 'updateOrchPathRouter',
    method: 'PUT',
    path: '/event_orchestrations/{id}/router',
    scope: 'event_orchestrations.write',
  },
  reads: ['event_orchestrations.read', 'services.read', 'teams.read', 'oncalls.read'],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before: routerBefore,
  example: {
    orchestration_id: '7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41',
    router_update: {
      orchestration_path: {
        sets: [
          {
            rules: [
              {
                id: '9a1c4e07',
                label: 'Cards and payments',
                conditions: [{ expression: "event.source matches part 'payments'" }],
                actions: { route_to: 'PSPAYMT' },
              },
              {
                id: '3fd82b61',
                label: 'Shop front',
                conditions: [{ expression: "event.custom_details.team matches 'commerce'" }],
                actions: { route_to: 'PSCHKOT' },
              },
            ],
          },
        ],
        catch_all: { actions: { route_to: 'PSTRACK' } },
      },
    },
  },

  read: (pagerduty, request) =>
    readOrchestration(pagerduty, request.orchestration_id, {
      serviceIds: [
        ...askedOf(request).rules.flatMap(({ actions }) => actions.route_to ?? []),
        askedOf(request).catchAll,
      ],
      after: (router) => after(request, router),
    }),
  watched: (request, before) => watchedRouter(before, after(request, before.router)),
  admit,
  risk: (request, before) => strictest(risks(request, before)),
  touches: (request, before) => ({
    subjects: [`event_orchestration:${request.orchestration_id}`],
    escalationPolicyIds: routerReviewers(before, after(request, before.router)),
  }),
  supersedes: (request) => `update_event_orchestration_router ${request.orchestration_id}`,
  summarize(request, before) {
    const then = after(request, before.router);
    return {
      title: `Replace the routing rules of "${before.orchestration.name}"`,
      target: before.orchestration.name,
      services: touchedServices(before, then).map(({ name }) => name),
      lines: [...routerLines(before, then), ...placeholderLines(request, before.router)],
      effect: routerEffect(before, then),
    };
  },
  call: (request, _binding, { router }) => ({
    method: 'PUT',
    path: `/event_orchestrations/${encodeURIComponent(request.orchestration_id)}/router`,
    body: routerBody(router, rulesAfter(request, router), askedOf(request).catchAll),
  }),
  alsoHolds: nothingElse,
  interpret(request, body) {
    const { router, result } = answeredRouter(request.orchestration_id, body);
    if (rulesIn(router).length !== askedOf(request).rules.length) {
      throw new TypeError('The answer shows another number of rules.');
    }
    return { applied: true, result, secrets: [] };
  },
  readBack: (pagerduty, request) => readRouterAgain(pagerduty, request.orchestration_id),
  verify,
  undo: (request, before) =>
    formerRouter(input, request.orchestration_id, before.router, after(request, before.router)),
});
