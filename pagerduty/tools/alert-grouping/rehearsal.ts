import type { FakePagerDuty } from '../../fake/server/server.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

/** Somebody gives every service that has no setting yet to the first one, and every setting another window. */
function regroup(play: FakePagerDuty): void {
  play.change((state) => {
    const { settings } = state.alertGroupings;
    const grouped = new Set(settings.flatMap(({ serviceIds }) => serviceIds));
    settings[0]?.serviceIds.push(...state.services.map(({ id }) => id).filter((id) => !grouped.has(id)));
    for (const setting of settings) {
      setting.config = { ...setting.config, time_window: 3_000 };
      setting.updatedAt = '2024-10-10T10:10:00Z';
    }
  });
}

export const rehearsals: Rehearsals = {
  create_alert_grouping_setting: { drift: regroup, lost: 'unknown', unanswered: 'succeeded' },
  update_alert_grouping_setting: { drift: regroup, lost: 'failed', unanswered: 'succeeded', stamps: ['stamp'] },
  delete_alert_grouping_setting: { drift: regroup, lost: 'failed', unanswered: 'succeeded' },
};
