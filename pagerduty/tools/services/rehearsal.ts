import { company } from '../../fake/company.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

const { people, services, escalationPolicies } = company;

export const rehearsals: Rehearsals = {
  create_service: {
    drift(play) {
      const policy = { id: escalationPolicies.tracking.id, type: 'escalation_policy_reference' };
      play.human({
        as: people.sam.email,
        method: 'POST',
        path: '/services',
        body: { service: { type: 'service', name: 'Fraud Scoring', escalation_policy: policy } },
      });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
  update_service: {
    drift(play) {
      play.human({
        as: people.sam.email,
        method: 'PUT',
        path: `/services/${services.checkout.id}`,
        body: { service: { type: 'service', acknowledgement_timeout: 600 } },
      });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
};
