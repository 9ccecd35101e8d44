import { createHash } from 'node:crypto';
import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import { reference } from '../../schemas.ts';
import { named, namedFrom } from '../facts/people.ts';
import { withoutSecrets } from '../words/secrets.ts';
import { oneLine, whole } from '../words/wording.ts';

const text = z.string().nullish();

const configuration = z.object({
  action_id: text,
  description: text,
  inputs: z.array(z.object({ name: z.string(), value: z.unknown().optional() })).nullish(),
});

const plainStep = z.object({
  name: text,
  summary: text,
  description: text,
  action_configuration: configuration.nullish(),
});

const step = plainStep.extend({
  action_configuration: configuration
    .extend({
      // What a condition or a loop runs; PagerDuty does not nest these further.
      inline_steps_inputs: z
        .array(z.object({ value: z.object({ steps: z.array(plainStep).nullish() }).nullish() }))
        .nullish(),
    })
    .nullish(),
});

export const incidentWorkflow = reference.extend({
  name: text,
  description: text,
  created_at: text,
  is_enabled: z.boolean().nullish(),
  team: reference.nullish(),
  steps: z.array(step).nullish(),
});
export type PagerDutyWorkflow = z.infer<typeof incidentWorkflow>;

/** What one step does, its texts made visible and its secrets taken out. */
export const workflowStep = z.object({
  /** `3`, or `3.1` for what step 3 runs inside. */
  number: z.string(),
  name: z.string(),
  /** PagerDuty's words for the action and its id, as far as it tells them. */
  action: z.string(),
  /** Of everything that is not an input, as PagerDuty told it: what is shown may be cut or redacted. */
  digest: z.string(),
  inputs: z.array(z.object({ name: z.string(), value: z.string(), digest: z.string() })),
});
export type WorkflowStep = z.infer<typeof workflowStep>;

const digestOf = (raw: unknown[]) => createHash('sha256').update(JSON.stringify(raw)).digest('hex');

const SECRET_NAME = /secret|token|passw|api.?key|authori[sz]ation|credential/i;
const AUTHORIZATION = /\b(?:bearer|basic)\s+\S+/gi;

function valueText(name: string, value: unknown): string {
  if (value === undefined || value === null || value === '') return '';
  if (SECRET_NAME.test(name)) return '[redacted]';
  const said = typeof value === 'string' ? value : JSON.stringify(value);
  return whole(withoutSecrets(said.replace(AUTHORIZATION, '[redacted]')));
}

function stepFacts(one: z.infer<typeof plainStep>, number: string): WorkflowStep {
  const configured = one.action_configuration;
  const [words, id] = [one.description || configured?.description, configured?.action_id];
  const inputs = configured?.inputs ?? [];
  const names = inputs.map(({ name }) => name);
  return {
    number,
    name: oneLine(withoutSecrets(one.name ?? one.summary ?? 'without a name')),
    action: oneLine(withoutSecrets(words && id ? `${words} (${id})` : words || id || 'unknown action'), 300),
    digest: digestOf([one.name, one.summary, one.description, configured?.description, id, names]),
    inputs: inputs.map(({ name, value }) => ({
      name: oneLine(withoutSecrets(name)),
      value: valueText(name, value),
      digest: digestOf([name, value]),
    })),
  };
}

/** The steps in the order in which they run, those inside a condition or a loop behind it; null when not told. */
export function stepsOf({ steps }: PagerDutyWorkflow): WorkflowStep[] | null {
  if (!steps) return null;
  return steps.flatMap((one, index) => {
    const inner = (one.action_configuration?.inline_steps_inputs ?? []).flatMap(({ value }) => value?.steps ?? []);
    const number = `${index + 1}`;
    return [stepFacts(one, number), ...inner.map((each, place) => stepFacts(each, `${number}.${place + 1}`))];
  });
}

/** A workflow as a human must see it before it is started. */
export const workflowFacts = named.extend({
  /** Of the name as PagerDuty told it, which may be longer than what is shown; null when it could not be read. */
  nameDigest: z.string().nullable(),
  description: z.string().nullable(),
  /** Null when PagerDuty did not say. */
  enabled: z.boolean().nullable(),
  /** Null when they could not be read. */
  steps: z.array(workflowStep).nullable(),
});
export type WorkflowFacts = z.infer<typeof workflowFacts>;

export const workflowAnswer = z.object({ incident_workflow: incidentWorkflow });

/**
 * Reads a workflow; where the credential may not, there is only its id.
 * @throws PagerDutyError when it does not exist or PagerDuty does not answer.
 */
export async function readWorkflow(pagerduty: ReadClient, workflowId: string): Promise<WorkflowFacts> {
  try {
    const path = `/incident_workflows/${encodeURIComponent(workflowId)}`;
    const { incident_workflow: workflow } = await pagerduty.get(path, workflowAnswer);
    return {
      ...namedFrom(workflow),
      nameDigest: digestOf([workflow.name ?? workflow.summary]),
      description: workflow.description ? oneLine(withoutSecrets(workflow.description), 300) : null,
      enabled: workflow.is_enabled ?? null,
      steps: stepsOf(workflow),
    };
  } catch (error) {
    if (!(error instanceof PagerDutyError && error.kind === 'forbidden')) throw error;
    return { id: workflowId, name: workflowId, nameDigest: null, description: null, enabled: null, steps: null };
  }
}
