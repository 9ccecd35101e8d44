import { defineWriteTool } from '../../write-tool.ts';
import { clock } from '../words/wording.ts';
import { deleting } from './spans/deleted.ts';
import { onOverride, overrideBody, overridePlace, overrides, placeWords } from './spans/overrides.ts';

export const deleteScheduleV3Override = defineWriteTool({
  name: 'delete_schedule_v3_override',
  title: 'Delete an override of a shift',
  description: 'Delete an override of a shift-based schedule: whoever was overridden is on call again.',
  version: 1,
  source: {
    operationId: 'deleteOverride',
    method: 'DELETE',
    path: '/v3/schedules/{id}/overrides/{override_id}',
    scope: null,
  },
  input: overridePlace,
  before: onOverride,
  example: { schedule_id: 'PDWHSV3', override_id: '4VJXQ2TNKB6RMWC7HD3YFGPZA5' },

  ...deleting(overrides, {
    over: '',
    reason: ({ override: { overridden } }) =>
      overridden.userId === null
        ? 'Leaves the place empty again.'
        : `Puts ${overridden.name} back on call, who may not know.`,
    says({ override, schedule: { name, rotations, timeZone: zone } }, runs) {
      const { overridden, overriding, start, end } = override;
      return {
        title: `Delete the override that puts ${overriding.name} on call instead of ${overridden.name} on "${name}"`,
        lines: [
          {
            label: `On call in ${placeWords(override, rotations, null, zone)}`,
            now: overriding.name,
            after: overridden.name,
          },
          { label: 'Time', now: `${clock(start, zone)} to ${clock(end, zone)}`, after: 'deleted' },
        ],
        timing: runs ? 'It is running: it stops having effect when this is sent.' : 'It has not started.',
      };
    },
    again: overrideBody,
    whole: () => true,
    note: 'Creates the same override again, under a new id.',
  }),
});
