import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { defineWriteTool, type Undo } from '../../write-tool.ts';
import { nothingElse, yes } from '../evidence/watching.ts';
import { readTouched, reviewedBy, touchedService } from '../facts/touched.ts';
import { id, toolInput } from '../input/parameters.ts';
import { strictest } from '../words/risks.ts';
import { counted, listed, oneLine, whole } from '../words/wording.ts';
import { createAlertGroupingSetting } from './create-alert-grouping-setting.ts';
import {
  configBody,
  groupingWords,
  monthLoad,
  monthWords,
  readMonth,
  readSetting,
  settingFacts,
  settingWords,
  watchedSetting,
} from './settings.ts';

const input = toolInput({ setting_id: id('alert grouping setting') });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  setting: settingFacts,
  services: z.array(touchedService),
  load: monthLoad,
});
type Before = z.infer<typeof before>;

async function read(pagerduty: ReadClient, { setting_id: settingId }: Input): Promise<Before> {
  const setting = await readSetting(pagerduty, settingId);
  const ids = setting.services.map((one) => one.id);
  const [services, load] = await Promise.all([readTouched(pagerduty, ids), readMonth(pagerduty, ids)]);
  return { readAt: new Date().toISOString(), setting, services, load };
}

function effect({ setting, load }: Before) {
  const names = listed(setting.services.map(({ name }) => name)) || 'no service';
  const said = [
    `Each new alert of ${names} opens an incident of its own and pages whoever is on call.`,
    'Nobody else starts or stops being paged.',
    monthWords(load),
  ];
  if (load !== null && load.alerts > load.incidents) {
    said.push(`Without grouping that would have been up to ${counted(load.alerts, 'incident')}.`);
  }
  return { known: true, lines: [...said, 'Holds for new alerts; open incidents stay as they are.'] };
}

interface After {
  exists: boolean;
}

async function readBack(pagerduty: ReadClient, { setting_id: settingId }: Input): Promise<After> {
  return { exists: (await orGone(readSetting(pagerduty, settingId))) !== null };
}

function undo(_request: Input, { setting }: Before): Undo {
  const former: JsonObject = {
    ...(setting.name === null ? {} : { name: setting.name }),
    ...(setting.description === null ? {} : { description: setting.description }),
    type: setting.type,
    config: configBody(setting.config),
    services: setting.services.map((one) => ({ id: one.id })),
  };
  const again = { create_model: { alert_grouping_setting: former } };
  if (!createAlertGroupingSetting.input.safeParse(again).success) {
    return { possible: false, because: `What ${settingWords(setting)} does cannot be asked for with our tools.` };
  }
  return {
    possible: true,
    tool: 'create_alert_grouping_setting',
    input: again,
    complete: false,
    note: 'Creates the same setting again, under a new id.',
  };
}

export const deleteAlertGroupingSetting = defineWriteTool<Input, Before, After>({
  name: 'delete_alert_grouping_setting',
  title: 'Delete an alert grouping setting',
  description: 'Delete a setting that merges alerts into incidents: each alert opens its own incident again.',
  version: 1,
  toolset: 'alert_grouping',
  source: {
    operationId: 'deleteAlertGroupingSetting',
    method: 'DELETE',
    path: '/alert_grouping_settings/{id}',
    scope: 'services.write',
  },
  reads: ['services.read', 'incidents.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: { setting_id: 'PAGTRCK' },

  read,
  watched: (_request, { setting }) => watchedSetting(setting),
  admit: () => yes,
  risk: (_request, { setting }) =>
    strictest([
      {
        level: 'high',
        reason: `Alerts of ${counted(setting.services.length, 'service')} are no longer grouped: each pages for itself.`,
      },
    ]),
  touches: ({ setting_id: settingId }, { services }) => ({
    subjects: [`alert_grouping_setting:${settingId}`, ...services.map((one) => `service:${one.id}`)],
    escalationPolicyIds: reviewedBy(services),
  }),
  supersedes: () => null,
  summarize(_request, facts) {
    const { setting } = facts;
    const names = setting.services.map(({ name }) => name);
    return {
      title: `Delete ${settingWords(setting)}`,
      target: oneLine(setting.name ?? setting.id),
      services: names,
      lines: [
        { label: 'Groups', now: groupingWords(setting), after: 'no grouping' },
        { label: 'Services', now: listed(names, names.length) || 'none', after: 'in no setting' },
        ...(setting.description === null
          ? []
          : [{ label: 'Description', now: whole(setting.description), after: 'deleted' }]),
      ],
      effect: effect(facts),
    };
  },
  call: ({ setting_id: settingId }) => ({
    method: 'DELETE',
    path: `/alert_grouping_settings/${encodeURIComponent(settingId)}`,
    body: null,
  }),
  alsoHolds: nothingElse,
  interpret({ setting_id: settingId }, body) {
    if (body !== null) throw new TypeError('The answer to a deletion has a body.');
    return { applied: true, result: { setting_id: settingId }, secrets: [] };
  },
  readBack,
  verify: ({ setting_id: settingId }, { exists }) =>
    exists
      ? // An id is never given twice: what is there was not deleted.
        { applied: false, because: 'The setting is still there.' }
      : { applied: true, because: 'The setting does not exist any more.', result: { setting_id: settingId } },
  undo,
});
