import { incidents, people, services } from '../../fake/company.ts';
import type { FakePagerDuty } from '../../fake/server/server.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

/** Somebody resolves the incident of the examples on the website. */
function resolved(play: FakePagerDuty): void {
  const body = { incidents: [{ id: incidents.checkout5xx.id, type: 'incident_reference', status: 'resolved' }] };
  play.human({ as: people.priya.email, method: 'PUT', path: '/incidents', body });
}

export const rehearsals: Rehearsals = {
  create_incident: {
    drift(play) {
      play.change((state) => {
        for (const service of state.services) if (service.id === services.payments.id) service.status = 'disabled';
      });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
  manage_incidents: { drift: resolved, lost: 'failed', unanswered: 'succeeded' },
  add_responders: { drift: resolved, lost: 'failed', unanswered: 'succeeded' },
  add_note_to_incident: {
    drift(play) {
      play.change((state) => {
        for (const one of state.incidents) if (one.id === incidents.checkout5xx.id) one.serviceId = services.mailer.id;
      });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
};
