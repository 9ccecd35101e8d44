import { z } from 'zod';
import { reveal } from '../../visible-text.ts';
import { id, isBlank, jsonText, optional, text } from '../input/parameters.ts';

const dynamicRoute = z.strictObject({
  source: text({ max: 300 }).describe('Field of the event, like event.custom_details.service.'),
  regex: text({ max: 1_000 }),
  lookup_by: z.enum(['service_name', 'service_id']),
});

const condition = z.strictObject({ expression: text({ max: 4_000 }).describe('In PCL.') });

const parts = {
  label: optional(z.string().max(1_000)),
  conditions: optional(jsonText(z.array(jsonText(condition)).max(100))).describe(
    'Any one is enough; [] matches every event.',
  ),
  actions: jsonText(
    z.strictObject({
      route_to: optional(id('service')),
      dynamic_route_to: optional(jsonText(dynamicRoute)).describe('Only in the first rule, without conditions.'),
    }),
  ).describe('One of the two.'),
  disabled: optional(z.boolean()),
};

interface Parts {
  conditions?: unknown[] | undefined;
  actions: { route_to?: string | undefined; dynamic_route_to?: object | undefined };
}

function checkRule({ conditions, actions }: Parts, ctx: z.core.$RefinementCtx<unknown>): void {
  const problem = (message: string) => ctx.addIssue({ code: 'custom', message });
  const dynamic = actions.dynamic_route_to !== undefined;
  if (dynamic === (actions.route_to !== undefined)) problem('A rule needs either route_to or dynamic_route_to.');
  if (dynamic && (conditions?.length ?? 0) > 0) problem('A rule with dynamic_route_to cannot have conditions.');
  if (!dynamic && conditions === undefined) problem('A rule with route_to needs conditions; [] matches every event.');
}

/** A rule that is to be added. */
export const newRule = z.strictObject(parts).superRefine(checkRule);

/** Of a rule that exists, or a placeholder. A blank one would silently make a new rule of one that is to be kept. */
const ruleId = z
  .string()
  .max(40)
  .superRefine((value, ctx) => {
    if (!isBlank(value)) return;
    const shown = reveal(JSON.stringify(value));
    ctx.addIssue({ code: 'custom', message: `The rule id is blank (${shown}); give the id itself, or leave it out.` });
  });

const keptRule = z
  .strictObject({
    id: optional(ruleId).describe('Of a rule that exists, to keep it; PagerDuty gives new ones theirs.'),
    ...parts,
  })
  .superRefine(checkRule);

/** A rule of the complete list. */
export type AskedRule = z.infer<typeof keptRule>;

const UNROUTED_OR_ID = /^([A-Z0-9]{1,32}|unrouted)$/;

export const catchAll = z.strictObject({
  actions: jsonText(
    z.strictObject({
      route_to: z
        .string()
        .regex(UNROUTED_OR_ID, 'Say where events go that match no rule: the id of a service, or "unrouted".')
        .describe('Id of a service, or "unrouted".'),
      dynamic_route_to: z.null().optional(),
    }),
  ),
});

function checkRules(rules: AskedRule[], ctx: z.core.$RefinementCtx<unknown>): void {
  const problem = (message: string) => ctx.addIssue({ code: 'custom', message });
  const late = rules.findIndex(({ actions }, index) => index > 0 && actions.dynamic_route_to !== undefined);
  if (late > 0) problem(`dynamic_route_to is only allowed in the first rule, not in rule ${late + 1}.`);
  const ids = rules.flatMap((rule) => rule.id ?? []);
  const twice = ids.find((one, index) => ids.indexOf(one) < index);
  if (twice !== undefined) problem(`Two rules have the id ${JSON.stringify(twice)}.`);
}

export const ruleSet = z.strictObject({
  id: optional(z.literal('start')),
  rules: jsonText(z.array(jsonText(keptRule)).max(1_000).superRefine(checkRules)).describe(
    'All rules in order; the first that matches decides. Rules left out are deleted.',
  ),
});
