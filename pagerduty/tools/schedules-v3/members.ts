import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import type { Named } from '../facts/people.ts';
import { id, jsonText, optional } from '../input/parameters.ts';
import { type MemberFacts, memberFrom, type PagerDutyMember } from './shifts.ts';

/** Who takes a shift, as agents write it: a person, or on purpose nobody. */
export const memberAsked = z
  .strictObject({ type: z.enum(['user_member', 'empty_member']), user_id: optional(id('user')) })
  .refine(
    ({ type, user_id: userId }) => (type === 'user_member') === (userId !== undefined),
    'A user_member needs a user_id, and an empty_member has none.',
  );
export type MemberAsked = z.infer<typeof memberAsked>;

/** Exactly one, as PagerDuty wants it, in its list. */
export const assignmentsAsked = jsonText(
  z
    .array(z.strictObject({ type: hidden(optional(z.literal('shift_assignment'))), member: jsonText(memberAsked) }))
    .length(1, 'A custom shift has exactly one assignment.'),
);

export const userIdOf = (member: MemberAsked | PagerDutyMember): string | null =>
  member.type === 'user_member' ? (member.user_id ?? null) : null;

/** The only one of a list; the schema lets through exactly one. */
export function single<Item>([first]: Item[]): Item {
  if (first === undefined) throw new TypeError('The input has an empty list.');
  return first;
}

export const memberBody = (member: MemberAsked): JsonObject =>
  member.user_id === undefined ? { type: member.type } : { type: member.type, user_id: member.user_id };

export const assignmentsBody = (member: MemberFacts): JsonObject[] => [
  { type: 'shift_assignment', member: toMember(member) },
];

export const memberFactsFrom = (member: MemberAsked, people: Named[]): MemberFacts =>
  memberFrom({ type: member.type, user_id: member.user_id }, people);

/** The same with a name, where that is known. */
export const named = ({ userId }: MemberFacts, people: Named[]): MemberFacts =>
  memberFrom({ type: 'user_member', user_id: userId }, people);

/** A member as PagerDuty takes it, and as agents write it. */
export const toMember = ({ userId }: MemberFacts): JsonObject =>
  userId === null ? { type: 'empty_member' } : { type: 'user_member', user_id: userId };

/** A member as agents see it; null = nobody, on purpose. */
export const memberField = ({ userId, name }: MemberFacts): JsonObject | null =>
  userId === null ? null : { id: userId, name };
