import type { FakePagerDuty } from '../../fake/server/server.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

/** Somebody renames a rule of every router, which gives the routers new versions. */
function reroute(play: FakePagerDuty): void {
  play.change((state) => {
    for (const path of state.orchestrations.paths) {
      const rule = path.sets[0]?.rules[0];
      if (path.type !== 'router' || rule === undefined) continue;
      rule.label = `${rule.label ?? ''} (reviewed)`;
      path.version = `${path.version}.2`;
      path.updatedAt = '2024-11-05T16:00:00Z';
    }
  });
}

export const rehearsals: Rehearsals = {
  update_event_orchestration_router: { drift: reroute, lost: 'failed', unanswered: 'succeeded', stamps: ['version'] },
  append_event_orchestration_router_rule: {
    drift: reroute,
    lost: 'failed',
    unanswered: 'succeeded',
    stamps: ['version'],
  },
};
