import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { createEscalationPolicy } from './create-escalation-policy.ts';
import { getEscalationPolicy } from './get-escalation-policy.ts';
import { listEscalationPolicies } from './list-escalation-policies.ts';
import { updateEscalationPolicy } from './update-escalation-policy.ts';

export const writes = {
  create_escalation_policy: createEscalationPolicy,
  update_escalation_policy: updateEscalationPolicy,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_escalation_policies: listEscalationPolicies,
  get_escalation_policy: getEscalationPolicy,
} satisfies Record<string, ReadTool>;
