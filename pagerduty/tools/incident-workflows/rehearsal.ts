import { workflows } from '../../fake/workflows.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

export const rehearsals: Rehearsals = {
  start_incident_workflow: {
    drift(play) {
      play.change((state) => {
        for (const { id, steps } of state.workflows.workflows) if (id === workflows.major.id) steps.pop();
      });
    },
    lost: 'unknown',
    unanswered: 'unknown',
  },
};
