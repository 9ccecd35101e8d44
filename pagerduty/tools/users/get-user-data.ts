import type { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import { defineReadTool } from '../../read-tool.ts';
import { userAnswer } from '../../schemas.ts';
import { toolInput } from '../input/parameters.ts';
import { shownName } from '../words/answers.ts';
import { userFields } from './person.ts';

const input = toolInput({});

/** PagerDuty's refusal when the credential belongs to an account or an app instead of a person. */
const hasNoUser = (error: unknown) => error instanceof PagerDutyError && error.status === 400;

export const getUserData = defineReadTool<z.infer<typeof input>>({
  name: 'get_user_data',
  title: 'Read the user of the credential',
  description:
    'Read the user that the PagerDuty credential of this server belongs to, if it belongs to one. That is not the person you act for.',
  toolset: 'users',
  source: { operationId: 'getCurrentUser', path: '/users/me', scope: null },
  reads: [],
  input,
  example: {},
  async run(pagerduty) {
    try {
      const { user } = await pagerduty.get('/users/me', userAnswer);
      return {
        answer: { user: userFields(user) },
        text: `PagerDuty is read with a credential of ${shownName(user)}; that need not be the person you act for.`,
      };
    } catch (error) {
      if (!hasNoUser(error)) throw error;
      const text =
        'There is no such user: PagerDuty is read with a credential of the account, which belongs to nobody. To find a person use list_users with a name, to find who is on call use list_oncalls.';
      return { answer: { user: null }, text };
    }
  },
});
