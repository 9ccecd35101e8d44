import type { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { type AttemptFacts, defineWriteTool, type Evidence, type Verdict } from '../../write-tool.ts';
import { stampPresence } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { jsonText, toolInput, uuid } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { oneLine } from '../words/wording.ts';
import { newRule } from './asked.ts';
import { routerEffect, routerLines, routerReviewers, touchedServices, watchedRouter } from './difference.ts';
import { readOrchestration, readRouterAgain } from './reading.ts';
import {
  isRuleAsAsked,
  mergedRule,
  type RouterBefore,
  type RouterFacts,
  routerBefore,
  routerBody,
  routerFacts,
  ruleFacts,
  rulesIn,
  sentAgain,
  stampOf,
} from './router.ts';
import { answeredRouter, lastChangedBefore } from './settled.ts';
import { formerRouter } from './undoing.ts';
import { updateEventOrchestrationRouter } from './update-event-orchestration-router.ts';

const input = toolInput({
  orchestration_id: uuid('event orchestration'),
  new_rule: jsonText(newRule).describe('The rule; it comes last, before the catch-all.'),
});
type Input = z.infer<typeof input>;

const ruleAfter = ({ new_rule: rule }: Input): JsonObject => mergedRule(rule, undefined);

function after(request: Input, router: JsonObject): RouterFacts {
  const now = routerFacts(router);
  return { ...now, rules: [...now.rules, ruleFacts(ruleAfter(request))] };
}

function admit(request: Input, { router, services, orchestration }: RouterBefore): Verdict {
  const { rules } = routerFacts(router);
  const { to, dynamic } = ruleFacts(ruleAfter(request));
  if (to !== null && !services.some(({ id }) => id === to)) return no(`PagerDuty has no service ${to}.`);
  if (dynamic !== null && rules.length > 0) {
    return no(`A dynamic rule has to be the first one, and "${orchestration.name}" has rules already.`);
  }
  const same = rules.findIndex((rule) => isRuleAsAsked(request.new_rule, rule));
  return same < 0 ? yes : no(`Rule ${same + 1} of "${orchestration.name}" does exactly that already.`);
}

function risks(request: Input): Risk[] {
  const { conditions, label } = ruleFacts(ruleAfter(request));
  const found: Risk[] = [{ level: 'high', reason: 'Takes events that went to the catch-all so far.' }];
  if (conditions.length === 0) {
    found.push({ level: 'critical', reason: 'Takes every event that no other rule takes: the catch-all gets none.' });
  }
  return [...found, ...textRisks(label)];
}

/** Null: there is no such router any more. */
type After = JsonObject | null;

function verify(request: Input, router: After, attempt: AttemptFacts): Evidence {
  if (router === null) return { applied: null, because: 'The router cannot be found any more. A human must look.' };
  const found = routerFacts(router).rules.filter((rule) => isRuleAsAsked(request.new_rule, rule));
  if (found.length > 1) return { applied: null, because: 'The router has such a rule twice. A human must look.' };
  const [only] = found;
  if (only === undefined) return lastChangedBefore(router, attempt);
  const result = { orchestration_id: request.orchestration_id, rule_id: only.id };
  const seen = 'The router has exactly one rule that does what was asked for.';
  return stampPresence(stampOf(router).updatedAt, attempt, seen, result);
}

export const appendEventOrchestrationRouterRule = defineWriteTool<Input, RouterBefore, After>({
  name: 'append_event_orchestration_router_rule',
  title: 'Add a routing rule to an event orchestration',
  description: 'Add one routing rule at the end of an event orchestration; all other rules stay as they are.',
  version: 1,
  toolset: 'event_orchestrations',
  source: {
    operationId: 'updateOrchPathRouter',
    method: 'PUT',
    path: '/event_orchestrations/{id}/router',
    scope: 'event_orchestrations.write',
  },
  reads: ['event_orchestrations.read', 'services.read', 'teams.read', 'oncalls.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before: routerBefore,
  example: {
    orchestration_id: '7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41',
    new_rule: {
      label: 'Conveyor belts',
      conditions: [{ expression: "event.source matches part 'conveyor'" }],
      actions: { route_to: 'PSWAREH' },
    },
  },

  read: (pagerduty, request) =>
    readOrchestration(pagerduty, request.orchestration_id, {
      serviceIds: request.new_rule.actions.route_to === undefined ? [] : [request.new_rule.actions.route_to],
      after: (router) => after(request, router),
    }),
  watched: (request, before) => watchedRouter(before, after(request, before.router)),
  admit,
  risk: (request) => strictest(risks(request)),
  touches: (request, before) => ({
    subjects: [`event_orchestration:${request.orchestration_id}`],
    escalationPolicyIds: routerReviewers(before, after(request, before.router)),
  }),
  supersedes: () => null,
  summarize(request, before) {
    const then = after(request, before.router);
    const { label } = ruleFacts(ruleAfter(request));
    return {
      title: `Add the routing rule ${label === '' ? '' : `"${oneLine(label)}" `}to "${before.orchestration.name}"`,
      target: before.orchestration.name,
      services: touchedServices(before, then).map(({ name }) => name),
      lines: routerLines(before, then),
      effect: routerEffect(before, then),
    };
  },
  // PagerDuty takes the whole document only, so the rules that were read are sent again; their version is watched.
  call: (request, _binding, { router }) => ({
    method: 'PUT',
    path: `/event_orchestrations/${encodeURIComponent(request.orchestration_id)}/router`,
    body: routerBody(router, [...rulesIn(router).map(sentAgain), ruleAfter(request)]),
  }),
  alsoHolds: nothingElse,
  interpret(request, body) {
    const { router, result } = answeredRouter(request.orchestration_id, body);
    const made = routerFacts(router).rules.findLast((rule) => isRuleAsAsked(request.new_rule, rule));
    if (made === undefined) throw new TypeError('The answer does not show the new rule.');
    return { applied: true, result: { ...result, rule_id: made.id }, secrets: [] };
  },
  readBack: (pagerduty, request) => readRouterAgain(pagerduty, request.orchestration_id),
  verify,
  undo: (request, before) =>
    formerRouter(
      updateEventOrchestrationRouter.input,
      request.orchestration_id,
      before.router,
      after(request, before.router),
    ),
});
