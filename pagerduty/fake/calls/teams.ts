import { company } from '../company.ts';
import type { DrivenCall } from './call.ts';

const { people, teams } = company;
const membership = `/teams/${teams.data.id}/users/${people.lena.id}`;

export const teamsCalls: DrivenCall[] = [
  ['POST', '/teams', { team: { type: 'team', name: 'Customs', description: 'Borders.', default_role: 'none' } }],
  ['PUT', `/teams/${teams.data.id}`, { team: { type: 'team', name: 'Data', default_role: 'manager' } }],
  ['PUT', membership, { role: 'responder' }],
  ['DELETE', membership],
  ['DELETE', `/teams/${teams.returns.id}`],
];
