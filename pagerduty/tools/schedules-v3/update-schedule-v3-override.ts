import { z } from 'zod';
import { defineWriteTool } from '../../write-tool.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, instant, optional, toolInput } from '../input/parameters.ts';
import { toMember } from './members.ts';
import { type MemberFacts, memberFacts, memberFrom } from './shifts.ts';
import { changing } from './spans/changed.ts';
import { onOverride, overrides } from './spans/overrides.ts';
import { phaseOf, sameInstant } from './spans/windows.ts';

const memberType = optional(z.enum(['user_member', 'empty_member']));

const fields = toolInput({
  schedule_id: id('shift-based schedule'),
  override_id: id('override'),
  start_time: optional(instant),
  end_time: optional(instant),
  overridden_member_type: memberType,
  overridden_member_user_id: optional(id('user')).describe('Only to check: whose place is taken cannot change.'),
  overriding_member_type: memberType,
  overriding_member_user_id: optional(id('user')).describe('Who takes the place.'),
});
type Input = z.infer<typeof fields>;

/** A member from its two flat arguments; null when neither was given. */
function memberIn(type: Input['overriding_member_type'], userId: string | undefined): MemberFacts | null {
  if (type === undefined && userId === undefined) return null;
  return memberFrom({ type: type ?? 'user_member', user_id: userId }, []);
}

const overriding = (request: Input) => memberIn(request.overriding_member_type, request.overriding_member_user_id);
const overridden = (request: Input) => memberIn(request.overridden_member_type, request.overridden_member_user_id);

const fits = (type: Input['overriding_member_type'], userId: string | undefined) =>
  type === undefined || (type === 'user_member') === (userId !== undefined);

const input = fields
  .refine(
    ({ overriding_member_type: type, overriding_member_user_id: userId }) => fits(type, userId),
    'A user_member needs overriding_member_user_id, and an empty_member has none.',
  )
  .refine(
    ({ overridden_member_type: type, overridden_member_user_id: userId }) => fits(type, userId),
    'A user_member needs overridden_member_user_id, and an empty_member has none.',
  )
  .refine(
    (request) => (request.start_time ?? request.end_time) !== undefined || overriding(request) !== null,
    'Nothing to change.',
  );

const before = onOverride.extend({
  /** Who is to take the place; null when that does not change. */
  overriding: memberFacts.nullable(),
  /** False when PagerDuty does not know that person. */
  known: z.boolean(),
});

export const updateScheduleV3Override = defineWriteTool({
  name: 'update_schedule_v3_override',
  title: 'Change an override of a shift',
  description: 'Move an override of a shift-based schedule, or give it to somebody else. Only what you give changes.',
  version: 1,
  source: {
    operationId: 'updateOverride',
    method: 'PUT',
    path: '/v3/schedules/{id}/overrides/{override_id}',
    scope: null,
  },
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    override_id: '4VJXQ2TNKB6RMWC7HD3YFGPZA5',
    end_time: '2099-05-02T12:00:00Z',
    overriding_member_user_id: 'PULENA1',
  },

  ...changing(overrides, {
    asked: (request: Input) => ({ start: request.start_time, end: request.end_time, member: overriding(request) }),
    body: (member) => ({ overriding_member: toMember(member) }),
    again: (times, member) => ({
      ...times,
      ...(member && { overriding_member_type: member.userId === null ? 'empty_member' : 'user_member' }),
      ...(member?.userId && { overriding_member_user_id: member.userId }),
    }),
    allows(request, { override, overriding: taker, readAt }) {
      const { overridden: place, start } = override;
      const replaced = overridden(request);
      if (replaced && replaced.userId !== place.userId) {
        return no(
          `The override takes the place of ${place.name}, and PagerDuty cannot change that: delete it and create another.`,
        );
      }
      const moved = request.start_time !== undefined && !sameInstant(request.start_time, start, 1_000);
      if (moved && phaseOf(override, readAt) === 'is running') {
        return no('The override has started, so its start cannot change any more.');
      }
      const { userId } = taker ?? override.overriding;
      return userId === place.userId ? no(`${place.name} cannot take their own place.`) : yes;
    },
    foreseen: () => true,
    words: ({ overridden }) => `the override of ${overridden.name}`,
    label: ({ overridden }) => `On call instead of ${overridden.name}`,
    note: 'Puts the former values back; whoever was paged meanwhile has been paged.',
  }),
});
