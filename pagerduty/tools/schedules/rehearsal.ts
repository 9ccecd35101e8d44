import type { Rehearsals } from '../testing/rehearsal.ts';

export const rehearsals: Rehearsals = {
  create_schedule: {
    // Somebody else takes the name.
    drift: (play) => {
      const body = { schedule: { name: 'Returns shifts', time_zone: 'Europe/Berlin' } };
      play.human({ as: play.company.people.sam.email, method: 'POST', path: '/v3/schedules', body });
    },
    // No trail is known to show that a shift-based schedule was not created.
    lost: 'unknown',
    unanswered: 'succeeded',
  },
  update_schedule: {
    drift: (play) => {
      const body = { schedule: { description: 'Follows the sun, mostly.' } };
      const path = `/v3/schedules/${play.company.schedules.warehouseShifts.id}`;
      play.human({ as: play.company.people.sam.email, method: 'PUT', path, body });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
  create_schedule_override: {
    // Marco takes the night of the example.
    drift: (play) => {
      const { people, schedules } = play.company;
      const user = { id: people.marco.id, type: 'user_reference' };
      const overrides = [{ start: '2099-01-05T18:00:00Z', end: '2099-01-06T06:00:00Z', user }];
      const path = `/schedules/${schedules.checkoutPrimary.id}/overrides`;
      play.human({ as: people.marco.email, method: 'POST', path, body: { overrides } });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
};
