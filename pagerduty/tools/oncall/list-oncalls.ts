import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import { defineReadTool } from '../../read-tool.ts';
import { oncall, serviceAnswer } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import {
  DEFAULT_LIMIT,
  id,
  ids,
  jsonText,
  limit,
  optional,
  since,
  timeZone,
  toolInput,
  until,
} from '../input/parameters.ts';
import { listSentence, ref } from '../words/answers.ts';

const input = toolInput({
  time_zone: timeZone,
  user_ids: ids('user'),
  escalation_policy_ids: ids('escalation policy'),
  schedule_ids: ids('schedule'),
  service_ids: optional(jsonText(z.array(id('service')).max(20))).describe('Only for these services, at most 20.'),
  since,
  until,
  earliest: optional(z.boolean()).describe('Only the next shift per policy, level and user; default true.'),
  limit,
});

export const listOncalls = defineReadTool<z.infer<typeof input>>({
  name: 'list_oncalls',
  title: 'List who is on call',
  description: 'List who is on call, by escalation policy and level. Without a range: now.',
  toolset: 'oncall',
  source: { operationId: 'listOnCalls', path: '/oncalls', scope: 'oncalls.read' },
  reads: ['oncalls.read', 'services.read'],
  input,
  example: { escalation_policy_ids: ['PECHKOT'] },
  async run(pagerduty, request) {
    const services = await Promise.all(
      (request.service_ids ?? []).map((serviceId) =>
        pagerduty.get(`/services/${encodeURIComponent(serviceId)}`, serviceAnswer),
      ),
    );
    const ofServices = services.flatMap(({ service }) =>
      service.escalation_policy ? [service.escalation_policy.id] : [],
    );
    if (services.length > 0 && ofServices.length === 0) {
      // An empty filter would list the whole account.
      throw new PagerDutyError('not_found', 'None of these services has an escalation policy.');
    }
    const policies = [...new Set([...(request.escalation_policy_ids ?? []), ...ofServices])];
    const query = {
      time_zone: request.time_zone,
      user_ids: request.user_ids,
      escalation_policy_ids: policies,
      schedule_ids: request.schedule_ids,
      since: request.since,
      until: request.until,
      earliest: request.earliest ?? true,
    };
    const source = { path: '/oncalls', list: 'oncalls', item: oncall };
    const found = await collect(pagerduty, source, query, { limit: request.limit ?? DEFAULT_LIMIT });
    const oncalls = found.items.map((item) => ({
      user: ref(item.user),
      escalation_policy: ref(item.escalation_policy),
      escalation_level: item.escalation_level,
      schedule: ref(item.schedule),
      start: item.start ?? null,
      end: item.end ?? null,
    }));
    return { answer: { oncalls, more: found.more }, text: listSentence(found, 'on-call entry', 'on-call entries') };
  },
});
