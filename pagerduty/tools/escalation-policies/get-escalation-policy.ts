import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { escalationPolicyAnswer } from '../../schemas.ts';
import { id, toolInput } from '../input/parameters.ts';
import { policyFields, shownName } from '../words/answers.ts';
import { counted } from '../words/wording.ts';

const input = toolInput({ policy_id: id('escalation policy') });

export const getEscalationPolicy = defineReadTool<z.infer<typeof input>>({
  name: 'get_escalation_policy',
  title: 'Read an escalation policy',
  description: 'Read one escalation policy: its levels, whom they page, and the services that use it.',
  toolset: 'escalation_policies',
  source: { operationId: 'getEscalationPolicy', path: '/escalation_policies/{id}', scope: 'escalation_policies.read' },
  reads: ['escalation_policies.read'],
  input,
  example: { policy_id: 'PECHKOT' },
  async run(pagerduty, { policy_id: policyId }) {
    const path = `/escalation_policies/${encodeURIComponent(policyId)}`;
    const { escalation_policy: policy } = await pagerduty.get(path, escalationPolicyAnswer);
    const levels = counted(policy.escalation_rules?.length ?? 0, 'level');
    return {
      answer: { escalation_policy: policyFields(policy) },
      text: `The escalation policy "${shownName(policy)}" has ${levels}.`,
    };
  },
});
