import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import {
  type AttemptFacts,
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Undo,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { earliest } from '../evidence/traces.ts';
import { stampPresence } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { readTouched, reviewedBy, touchedService } from '../facts/touched.ts';
import { id, jsonText, optional, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { counted, listed, oneLine } from '../words/wording.ts';
import { checkGrouping, groupedServices, groupingFields } from './config.ts';
import {
  configBody,
  type GroupingFacts,
  groupingWords,
  isAsWanted,
  mayBeAsWanted,
  monthLoad,
  monthWords,
  readMonth,
  readSetting,
  readSettingsOf,
  type SettingFacts,
  serviceReferences,
  settingAnswer,
  settingChange,
  settingFacts,
  settingWords,
  watchedSetting,
  wholeConfig,
} from './settings.ts';

const change = z
  .strictObject({
    ...groupingFields,
    services: optional(groupedServices).describe('All services; leave out to keep those it has.'),
  })
  .superRefine(checkGrouping);

const input = toolInput({
  setting_id: id('alert grouping setting'),
  update_model: jsonText(z.strictObject({ alert_grouping_setting: jsonText(change) })).describe(
    'type and config are replaced; name, description and services stay when left out.',
  ),
});
type Input = z.infer<typeof input>;
type Wanted = Input['update_model']['alert_grouping_setting'];

const before = z.object({
  readAt: z.string(),
  setting: settingFacts,
  /** Every service that it has now or would have; those that do not exist are left out. */
  services: z.array(touchedService),
  /** Other settings that services which are new to this one are in. */
  others: z.array(settingFacts),
  load: monthLoad,
});
type Before = z.infer<typeof before>;

const wantedOf = (request: Input): Wanted => request.update_model.alert_grouping_setting;

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const setting = await readSetting(pagerduty, request.setting_id);
  const now = setting.services.map((one) => one.id);
  const wanted = wantedOf(request).services?.map((one) => one.id) ?? [];
  const fresh = wanted.filter((serviceId) => !now.includes(serviceId));
  const all = [...new Set([...now, ...fresh])];
  const [services, others, load] = await Promise.all([
    readTouched(pagerduty, all),
    fresh.length === 0 ? [] : readSettingsOf(pagerduty, fresh),
    readMonth(pagerduty, all),
  ]);
  return { readAt: new Date().toISOString(), setting, services, others, load };
}

/** The config as it is sent. PagerDuty has a default of its own for `iag_fields`, so those it has are sent again. */
function configAfter({ type, config }: Wanted, { setting }: Pick<Before, 'setting'>): GroupingFacts['config'] {
  const kept = type === setting.type ? setting.config.iag_fields : undefined;
  return { ...(kept === undefined ? {} : { iag_fields: kept }), ...config };
}

function watched({ setting, others }: Before): Watched[] {
  return [
    ...watchedSetting(setting),
    {
      key: 'others',
      subject: 'The other settings of the services that would join',
      value: others.map((one) => ({ id: one.id, updated_at: one.updatedAt })),
      words: listed(others.map(settingWords)) || 'none',
    },
  ];
}

function admit(request: Input, { setting, services }: Before): Verdict {
  const wanted = wantedOf(request);
  const missing = (wanted.services ?? []).filter((one) => !services.some((there) => there.id === one.id));
  if (missing.length > 0) return no(`PagerDuty has no service ${listed(missing.map((one) => one.id))}.`);
  const count = wanted.services?.length ?? setting.services.length;
  if (wanted.type === 'content_based_intelligent' && count > 1) {
    return no(`The type ${wanted.type} allows one service, and ${settingWords(setting)} has ${count}.`);
  }
  if (isAsWanted(wanted, setting)) return no(`This is what ${settingWords(setting)} does already.`);
  return yes;
}

/** Services that join and leave. */
function moves(request: Input, { setting, services }: Before) {
  const wanted = wantedOf(request).services;
  const name = (serviceId: string) => services.find((one) => one.id === serviceId)?.name ?? serviceId;
  const has = (list: { id: string }[], serviceId: string) => list.some((one) => one.id === serviceId);
  const after = wanted?.map((one) => ({ id: one.id, name: name(one.id) })) ?? setting.services;
  return {
    after,
    join: after.filter((one) => !has(setting.services, one.id)).map((one) => one.name),
    leave: setting.services.filter((one) => !has(after, one.id)).map((one) => one.name),
  };
}

function risks(request: Input, facts: Before): Risk[] {
  const { name, description } = wantedOf(request);
  const { after, leave } = moves(request, facts);
  const found: Risk[] = [
    { level: 'medium', reason: `Changes which alerts of ${counted(after.length, 'service')} open an incident.` },
  ];
  if (leave.length > 0) found.push({ level: 'medium', reason: `Alerts of ${listed(leave)} are no longer grouped.` });
  if (facts.others.length > 0) found.push({ level: 'medium', reason: 'Some services are in another setting now.' });
  return [...found, ...textRisks(`${name ?? ''} ${description ?? ''}`)];
}

function lines(request: Input, facts: Before): SummaryLine[] {
  const wanted = wantedOf(request);
  const after: GroupingFacts = { type: wanted.type, config: configAfter(wanted, facts), recommendedWindow: null };
  return [
    { label: 'Groups', now: groupingWords(facts.setting), after: groupingWords(after) },
    ...settingChange.lines(wanted, facts),
  ];
}

function effect(request: Input, facts: Before) {
  const { join, leave, after } = moves(request, facts);
  const said = ['Alerts that match join an open incident and page nobody again; all others page as a new incident.'];
  said.push(`Applies to ${listed(after.map(({ name }) => name))}.`);
  if (join.length > 0) said.push(`Grouped here from now on: ${listed(join)}.`);
  if (facts.others.length > 0) {
    said.push(`Some of these are in ${listed(facts.others.map(settingWords))} now; PagerDuty may refuse that.`);
  }
  if (leave.length > 0) said.push(`No longer grouped here, so each alert opens an incident: ${listed(leave)}.`);
  return {
    known: true,
    lines: [
      ...said,
      monthWords(facts.load),
      'Holds for new alerts until it is changed; open incidents stay as they are.',
    ],
  };
}

/** Null: there is no such setting any more. */
type After = SettingFacts | null;

function readBack(pagerduty: ReadClient, { setting_id: settingId }: Input): Promise<After> {
  return orGone(readSetting(pagerduty, settingId));
}

function verify(request: Input, after: After, attempt: AttemptFacts): Evidence {
  if (after === null) return { applied: null, because: 'The setting does not exist any more. A human must look.' };
  if (after.updatedAt !== null && Date.parse(after.updatedAt) < earliest(attempt).getTime()) {
    return { applied: false, because: 'The setting was last changed before the call was to be sent.' };
  }
  if (mayBeAsWanted(wantedOf(request), after)) {
    const result = { setting_id: request.setting_id };
    return stampPresence(after.updatedAt, attempt, 'The setting has everything that was asked for.', result);
  }
  const because = 'The setting was changed since, but not to what was asked for. A human must look.';
  return { applied: null, because };
}

function undo(request: Input, facts: Before): Undo {
  const { setting } = facts;
  const wanted = wantedOf(request);
  // What is not named stays as it then is, so PagerDuty's default has to be named too.
  const rule = { type: setting.type, config: configBody(wholeConfig(setting)) };
  const unnamed = wanted.name !== undefined && setting.name === null;
  const former = settingChange.former(unnamed ? { ...wanted, name: undefined } : wanted, facts);
  const back = { setting_id: request.setting_id, update_model: { alert_grouping_setting: { ...former, ...rule } } };
  if (!input.safeParse(back).success) {
    return { possible: false, because: `What ${settingWords(setting)} does now cannot be asked for with this tool.` };
  }
  return {
    possible: true,
    tool: 'update_alert_grouping_setting',
    input: back,
    complete: !unnamed,
    note: unnamed
      ? 'Puts the former rule back; the name stays, for it had none.'
      : 'Puts the former values back; alerts that were grouped or paged meanwhile stay so.',
  };
}

export const updateAlertGroupingSetting = defineWriteTool<Input, Before, After>({
  name: 'update_alert_grouping_setting',
  title: 'Change an alert grouping setting',
  description: 'Change how a setting merges alerts into incidents, or for which services.',
  version: 1,
  toolset: 'alert_grouping',
  source: {
    operationId: 'putAlertGroupingSetting',
    method: 'PUT',
    path: '/alert_grouping_settings/{id}',
    scope: 'services.write',
  },
  reads: ['services.read', 'incidents.read'],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: {
    setting_id: 'PAGCHKT',
    update_model: {
      alert_grouping_setting: {
        type: 'content_based',
        config: { aggregate: 'any', fields: ['component', 'summary'], time_window: 0 },
      },
    },
  },

  read,
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: ({ setting_id: settingId }, { services }) => ({
    subjects: [`alert_grouping_setting:${settingId}`, ...services.map((one) => `service:${one.id}`)],
    escalationPolicyIds: reviewedBy(services),
  }),
  supersedes: (request) =>
    `update_alert_grouping_setting ${Object.keys(wantedOf(request)).sort().join('+')} ${request.setting_id}`,
  summarize: (request, facts) => ({
    title: `Change ${settingWords(facts.setting)}`,
    target: oneLine(facts.setting.name ?? facts.setting.id),
    services: moves(request, facts).after.map(({ name }) => name),
    lines: lines(request, facts),
    effect: effect(request, facts),
  }),
  call(request, _binding, facts) {
    const wanted = wantedOf(request);
    // Only services are documented to stay when a PUT leaves them out, so what was not asked for is sent as it is.
    const name = wanted.name ?? facts.setting.name;
    const description = wanted.description ?? facts.setting.description;
    return {
      method: 'PUT',
      path: `/alert_grouping_settings/${encodeURIComponent(request.setting_id)}`,
      body: {
        alert_grouping_setting: {
          ...(name === null ? {} : { name }),
          ...(description === null ? {} : { description }),
          type: wanted.type,
          config: configBody(configAfter(wanted, facts)),
          ...(wanted.services === undefined ? {} : { services: serviceReferences(wanted.services) }),
        },
      },
    };
  },
  alsoHolds: nothingElse,
  interpret({ setting_id: settingId }, body) {
    const { id: changed } = settingAnswer.parse(body).alert_grouping_setting;
    if (changed !== settingId) throw new TypeError('The answer shows another alert grouping setting.');
    return { applied: true, result: { setting_id: settingId }, secrets: [] };
  },
  readBack,
  verify,
  undo,
});
