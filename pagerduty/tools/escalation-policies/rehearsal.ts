import { company } from '../../fake/company.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

const { people, escalationPolicies } = company;

export const rehearsals: Rehearsals = {
  create_escalation_policy: {
    drift(play) {
      const targets = [{ id: people.marco.id, type: 'user_reference' }];
      play.human({
        as: people.sam.email,
        method: 'POST',
        path: '/escalation_policies',
        body: {
          escalation_policy: {
            type: 'escalation_policy',
            name: 'Fraud Scoring',
            escalation_rules: [{ escalation_delay_in_minutes: 30, targets }],
          },
        },
      });
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
  update_escalation_policy: {
    drift(play) {
      play.human({
        as: people.sam.email,
        method: 'PUT',
        path: `/escalation_policies/${escalationPolicies.checkout.id}`,
        body: { escalation_policy: { type: 'escalation_policy', num_loops: 7 } },
      });
    },
    lost: 'failed',
    unanswered: 'succeeded',
    stamps: ['id'],
  },
};
