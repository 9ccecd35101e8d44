import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import { defineReadTool } from '../../read-tool.ts';
import { user } from '../../schemas.ts';
import { isShiftBasedRefusal } from '../facts/schedules.ts';
import { id, since, toolInput, until } from '../input/parameters.ts';
import { userFields } from '../users/person.ts';
import { listSentence } from '../words/answers.ts';

const input = toolInput({ schedule_id: id('schedule'), since, until });

const usersAnswer = z.object({ users: z.array(user) });
/** PagerDuty does not page this list. */
const MOST = 100;

export const listScheduleUsers = defineReadTool<z.infer<typeof input>>({
  name: 'list_schedule_users',
  title: 'List the users of a schedule',
  description: 'List the users of a layer-based schedule; with a range, those who are on call in it.',
  toolset: 'schedules',
  source: { operationId: 'listScheduleUsers', path: '/schedules/{id}/users', scope: 'users.read' },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDTRKP1' },
  async run(pagerduty, { schedule_id: scheduleId, ...range }) {
    const path = `/schedules/${encodeURIComponent(scheduleId)}/users`;
    const { users } = await pagerduty.get(path, usersAnswer, range).catch((error: unknown) => {
      if (!isShiftBasedRefusal(error)) throw error;
      const sentence = 'This schedule is shift-based and has no layers; list_oncalls with its id tells who is on call.';
      throw new PagerDutyError('invalid', sentence, { status: 400, cause: error });
    });
    const found = { items: users.slice(0, MOST), more: users.length > MOST };
    return { answer: { users: found.items.map(userFields), more: found.more }, text: listSentence(found, 'user') };
  },
});
