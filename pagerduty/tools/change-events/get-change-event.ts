import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { changeEvent, changeEventFields } from './events.ts';

const input = toolInput({ change_event_id: id('change event') });

const changeEventAnswer = z.object({ change_event: changeEvent });

export const getChangeEvent = defineReadTool<z.infer<typeof input>>({
  name: 'get_change_event',
  title: 'Read a change event',
  description: 'Read one deploy or other change: what, when, by which system, on which services.',
  toolset: 'change_events',
  source: { operationId: 'getChangeEvent', path: '/change_events/{id}', scope: 'change_events.read' },
  reads: ['change_events.read'],
  input,
  example: { change_event_id: '01JDCKT5192DEPLOYCHECKOUT0' },
  async run(pagerduty, { change_event_id: eventId }) {
    const { change_event: event } = await pagerduty.get(
      `/change_events/${encodeURIComponent(eventId)}`,
      changeEventAnswer,
    );
    return {
      answer: { change_event: { ...changeEventFields(event), id: eventId } },
      text: `The change was reported at ${event.timestamp ?? 'an unknown time'}.`,
    };
  },
});
