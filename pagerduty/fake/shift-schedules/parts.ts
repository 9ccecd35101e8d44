import { z } from 'zod';
import { type Counter, newId } from '../ids.ts';
import type { Names } from '../references.ts';
import { invalid } from '../server/route.ts';
import type { Member } from './state.ts';

/** Parts of shift-based schedules have longer ids than everything else. */
export const newPartId = (state: Counter) => `${newId(state, 'Q')}${newId(state, 'Q')}`.slice(0, 26);

export const partMember = z
  .object({ type: z.enum(['user_member', 'empty_member']), user_id: z.string().optional() })
  .refine(({ type, user_id: userId }) => type === 'empty_member' || userId !== undefined, 'user_id is required');

/** @throws Refusal 400 when the person does not belong to the account. */
export function memberFrom(state: Names<'users'>, { type, user_id: userId }: z.infer<typeof partMember>): Member {
  if (type === 'empty_member' || userId === undefined) return { type: 'empty_member' };
  if (!state.users.some(({ id }) => id === userId)) throw invalid(`User ${userId} not found.`);
  return { type: 'user_member', userId };
}

export const renderMember = (member: Member) =>
  member.type === 'user_member' ? { type: member.type, user_id: member.userId } : { type: member.type };
