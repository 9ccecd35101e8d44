import { company } from '../../fake/company.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

export const rehearsals: Rehearsals = {
  create_user: {
    drift(play) {
      play.human({
        as: company.people.ruth.email,
        method: 'POST',
        path: '/users',
        body: {
          user: { type: 'user', name: 'N. Haddad', email: 'Noor.Haddad@northwind.example', role: 'observer' },
        },
      });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
};
