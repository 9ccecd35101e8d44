import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { defineReadTool } from '../../read-tool.ts';
import { scheduleAnswer, shiftScheduleAnswer } from '../../schemas.ts';
import { isShiftBasedRefusal } from '../facts/schedules.ts';
import { id, optional, toolInput } from '../input/parameters.ts';
import { line, ref, refs, shownName } from '../words/answers.ts';

const input = toolInput({
  schedule_id: id('schedule'),
  kind: optional(z.enum(['layer_based', 'shift_based'])).describe(
    'Where to look; default: layer-based, then shift-based.',
  ),
});

async function layerBased(pagerduty: ReadClient, scheduleId: string): Promise<JsonObject> {
  const { schedule } = await pagerduty.get(`/schedules/${encodeURIComponent(scheduleId)}`, scheduleAnswer);
  return {
    id: schedule.id,
    kind: 'layer_based',
    name: shownName(schedule),
    description: line(schedule.description),
    time_zone: schedule.time_zone ?? null,
    escalation_policies: refs(schedule.escalation_policies),
    users: refs(schedule.users),
    teams: refs(schedule.teams),
    layers: (schedule.schedule_layers ?? []).map((layer) => ({
      name: line(layer.name),
      users: refs((layer.users ?? []).flatMap(({ user }) => (user ? [user] : []))),
    })),
    shifts: (schedule.final_schedule?.rendered_schedule_entries ?? []).slice(0, 50).map(({ start, end, user }) => ({
      start,
      end,
      user: ref(user),
    })),
  };
}

async function shiftBased(pagerduty: ReadClient, scheduleId: string): Promise<JsonObject> {
  const { schedule } = await pagerduty.get(`/v3/schedules/${encodeURIComponent(scheduleId)}`, shiftScheduleAnswer);
  return {
    id: schedule.id,
    kind: 'shift_based',
    name: shownName(schedule),
    description: line(schedule.description),
    time_zone: schedule.time_zone ?? null,
    escalation_policies: refs(schedule.escalation_policies),
    teams: refs(schedule.teams),
    rotations: (schedule.rotations ?? []).map((rotation) => ({ id: rotation.id })),
  };
}

export const getSchedule = defineReadTool<z.infer<typeof input>>({
  name: 'get_schedule',
  title: 'Read a schedule',
  description: 'Read one schedule, layer-based or shift-based: time zone, users, escalation policies, coming shifts.',
  toolset: 'schedules',
  source: { operationId: 'getSchedule', path: '/schedules/{id}', scope: 'schedules.read' },
  reads: ['schedules.read'],
  input,
  example: { schedule_id: 'PDCHKP1' },
  async run(pagerduty, { schedule_id: scheduleId, kind }) {
    const schedule =
      kind === 'shift_based'
        ? await shiftBased(pagerduty, scheduleId)
        : await layerBased(pagerduty, scheduleId).catch((error: unknown) => {
            if (kind === undefined && isShiftBasedRefusal(error)) return shiftBased(pagerduty, scheduleId);
            throw error;
          });
    const words = schedule.kind === 'shift_based' ? 'shift-based' : 'layer-based';
    return { answer: { schedule }, text: `The schedule "${schedule.name}" is ${words}.` };
  },
});
