import type { Handle, Route } from './server/route.ts';

/** What the playable PagerDuty keeps of this domain. */
export interface Abilities {
  abilities: string[];
}

/** Every account has them. */
export const seedAbilities = (): Abilities => ({
  abilities: ['teams', 'urgencies', 'coordinated_responding', 'read_only_users', 'advanced_permissions'],
});

const listAbilities: Handle<Abilities> = ({ abilities }) => ({ status: 200, body: { abilities } });

export const abilityRoutes: Route<Abilities>[] = [
  { method: 'GET', path: '/abilities', scope: 'abilities.read', handle: listAbilities },
];
