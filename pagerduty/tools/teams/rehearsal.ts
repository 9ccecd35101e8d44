import { people, teams } from '../../fake/company.ts';
import type { FakePagerDuty } from '../../fake/server/server.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

type Act = Omit<Parameters<FakePagerDuty['human']>[0], 'as'>;

const somebody = (play: FakePagerDuty, act: Act) => {
  play.human({ as: people.ruth.email, ...act });
};

export const rehearsals: Rehearsals = {
  create_team: {
    drift: (play) =>
      somebody(play, { method: 'POST', path: '/teams', body: { team: { type: 'team', name: 'Customs' } } }),
    lost: 'failed',
    unanswered: 'succeeded',
  },
  update_team: {
    drift: (play) =>
      somebody(play, {
        method: 'PUT',
        path: `/teams/${teams.data.id}`,
        body: { team: { type: 'team', name: teams.data.name, default_role: 'none' } },
      }),
    lost: 'failed',
    unanswered: 'succeeded',
  },
  delete_team: {
    drift: (play) =>
      somebody(play, {
        method: 'PUT',
        path: `/teams/${teams.returns.id}/users/${people.sam.id}`,
        body: { role: 'manager' },
      }),
    lost: 'failed',
    unanswered: 'succeeded',
  },
  add_team_member: {
    drift: (play) =>
      somebody(play, {
        method: 'PUT',
        path: `/teams/${teams.data.id}/users/${people.lena.id}`,
        body: { role: 'observer' },
      }),
    lost: 'failed',
    unanswered: 'succeeded',
  },
  remove_team_member: {
    drift: (play) =>
      somebody(play, {
        method: 'PUT',
        path: `/teams/${teams.commerce.id}/users/${people.lena.id}`,
        body: { role: 'manager' },
      }),
    lost: 'failed',
    unanswered: 'succeeded',
  },
};
