import { ApprovalError } from '#process/errors.ts';

/** Who does something, and through which surface. Agents and people share no way to become each other. */
export type Actor =
  | { kind: 'agent'; agentId: string }
  | { kind: 'person'; personId: string; surface: 'web' | 'slack' }
  | { kind: 'system'; part: 'sender' | 'clock' | 'settler' | 'command' };

/** @throws ApprovalError `forbidden` for anybody but a signed-in human. */
export function requirePerson(actor: Actor): Extract<Actor, { kind: 'person' }> {
  if (actor.kind !== 'person') throw new ApprovalError('forbidden', 'Only a signed-in human may decide.');
  return actor;
}

/** @throws ApprovalError `forbidden` for anybody but an agent. */
export function requireAgent(actor: Actor): Extract<Actor, { kind: 'agent' }> {
  if (actor.kind !== 'agent') throw new ApprovalError('forbidden', 'Only an agent may ask.');
  return actor;
}
