import { z } from 'zod';
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
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { readTouched, reviewedBy, touchedService } from '../facts/touched.ts';
import { jsonText, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { counted, listed, whole } from '../words/wording.ts';
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
  readSettingsOf,
  type SettingFacts,
  serviceReferences,
  settingAnswer,
  settingFacts,
  settingWords,
} from './settings.ts';

const newSetting = z
  .strictObject({ ...groupingFields, services: groupedServices.describe('The services; one may have one setting.') })
  .superRefine(checkGrouping);

const input = toolInput({
  create_model: jsonText(z.strictObject({ alert_grouping_setting: jsonText(newSetting) })),
});
type Input = z.infer<typeof input>;
type Wanted = Input['create_model']['alert_grouping_setting'];

const before = z.object({
  readAt: z.string(),
  services: z.array(touchedService),
  /** The settings that these services have now. */
  settings: z.array(settingFacts),
  load: monthLoad,
});
type Before = z.infer<typeof before>;

const wantedOf = (request: Input): Wanted => request.create_model.alert_grouping_setting;
const idsOf = (request: Input) => wantedOf(request).services.map(({ id }) => id);

/** The grouping that was asked for, in the form of what is read. */
const factsOf = ({ type, config }: Wanted): GroupingFacts => ({ type, config, recommendedWindow: null });

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const ids = idsOf(request);
  const [services, settings, load] = await Promise.all([
    readTouched(pagerduty, ids),
    readSettingsOf(pagerduty, ids),
    readMonth(pagerduty, ids),
  ]);
  return { readAt: new Date().toISOString(), services, settings, load };
}

const settingOf = (settings: SettingFacts[], serviceId: string) =>
  settings.find(({ services }) => services.some(({ id }) => id === serviceId));

function watched({ services, settings }: Before): Watched[] {
  return services.map(({ id, name }) => {
    const there = settingOf(settings, id);
    return {
      key: `${id}.grouping`,
      subject: name,
      value: there === undefined ? null : { id: there.id, updated_at: there.updatedAt },
      words: there === undefined ? 'in no setting' : `in ${settingWords(there)} (${groupingWords(there)})`,
    };
  });
}

function admit(request: Input, { services, settings }: Before): Verdict {
  const missing = idsOf(request).filter((id) => !services.some((one) => one.id === id));
  if (missing.length > 0) return no(`PagerDuty has no service ${listed(missing)}.`);
  const { name: _name, description: _description, ...wanted } = wantedOf(request);
  const same = settings.find((one) => isAsWanted(wanted, one));
  if (same !== undefined) return no(`These services have exactly that already, in ${settingWords(same)}.`);
  return yes;
}

function risks(request: Input, { services, settings }: Before): Risk[] {
  const { name, description } = wantedOf(request);
  const found: Risk[] = [
    { level: 'medium', reason: `Changes which alerts of ${counted(services.length, 'service')} open an incident.` },
  ];
  if (settings.length > 0) found.push({ level: 'medium', reason: 'Some of them are in another setting now.' });
  return [...found, ...textRisks(`${name ?? ''} ${description ?? ''}`)];
}

function lines(request: Input, { services, settings }: Before): SummaryLine[] {
  const wanted = wantedOf(request);
  const names = services.map(({ name }) => name);
  const found: SummaryLine[] = [
    { label: 'Groups', now: null, after: groupingWords(factsOf(wanted)) },
    { label: 'Services', now: null, after: listed(names, names.length) },
  ];
  if (wanted.name !== undefined) found.push({ label: 'Name', now: null, after: whole(wanted.name) || '(empty)' });
  if (wanted.description !== undefined) {
    found.push({ label: 'Description', now: null, after: whole(wanted.description) || '(empty)' });
  }
  for (const { id, name } of services) {
    const there = settingOf(settings, id);
    if (there === undefined) continue;
    const after = 'in the new setting; PagerDuty may refuse that while it is in another one';
    found.push({ label: name, now: `in ${settingWords(there)}: ${groupingWords(there)}`, after });
  }
  return found;
}

function effect({ services, settings, load }: Before) {
  const alone = services.filter(({ id }) => settingOf(settings, id) === undefined).map(({ name }) => name);
  const said = ['Alerts that match join an open incident and page nobody again; nobody starts being paged.'];
  if (alone.length > 0) said.push(`In no setting so far: ${listed(alone)}.`);
  if (services.length > 1) said.push('Alerts of different services can join one incident, which one service owns.');
  return {
    known: true,
    lines: [...said, monthWords(load), 'Holds for new alerts until it is changed; open incidents stay as they are.'],
  };
}

interface After {
  settings: SettingFacts[];
}

function verify(request: Input, { settings }: After, attempt: AttemptFacts): Evidence {
  const since = earliest(attempt).getTime();
  const made = settings.filter(
    (one) => mayBeAsWanted(wantedOf(request), one) && Date.parse(one.createdAt ?? '') >= since - 1_000,
  );
  const [only] = made;
  if (made.length === 1 && only !== undefined) {
    const because = `${only.id} was created at that time with everything that was asked for.`;
    return { applied: true, because, result: { setting_id: only.id } };
  }
  const seen = made.length === 0 ? 'No such setting was created' : 'Several such settings were created';
  // A setting can be deleted without a trace, so that none is there proves nothing.
  return { applied: null, because: `${seen} for these services since the call was to be sent. A human must look.` };
}

function undo(_request: Input, { settings }: Before, result: { setting_id?: unknown } | null): Undo {
  const { setting_id: settingId } = result ?? {};
  return {
    possible: true,
    tool: 'delete_alert_grouping_setting',
    input: typeof settingId === 'string' ? { setting_id: settingId } : null,
    complete: settings.length === 0,
    note:
      settings.length === 0
        ? 'Deletes the new setting; alerts that were grouped meanwhile stay grouped.'
        : 'Deletes the new setting; services that were in another one are not put back there.',
  };
}

export const createAlertGroupingSetting = defineWriteTool<Input, Before, After>({
  name: 'create_alert_grouping_setting',
  title: 'Create an alert grouping setting',
  description:
    'Create a setting that merges alerts of one or more services into incidents, by time, content or likeness.',
  version: 1,
  toolset: 'alert_grouping',
  source: {
    operationId: 'postAlertGroupingSettings',
    method: 'POST',
    path: '/alert_grouping_settings',
    scope: 'services.write',
  },
  reads: ['services.read', 'incidents.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    create_model: {
      alert_grouping_setting: {
        name: 'Warehouse by component',
        type: 'content_based',
        config: { aggregate: 'all', fields: ['component'], time_window: 600 },
        services: [{ id: 'PSWAREH' }],
      },
    },
  },

  read,
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: (request, { services }) => ({
    subjects: idsOf(request)
      .map((id) => `service:${id}`)
      .sort(),
    escalationPolicyIds: reviewedBy(services),
  }),
  supersedes: () => null,
  summarize: (request, facts) => ({
    title: `Group alerts of ${listed(facts.services.map(({ name }) => name))}`,
    target: listed(facts.services.map(({ name }) => name)),
    services: facts.services.map(({ name }) => name),
    lines: lines(request, facts),
    effect: effect(facts),
  }),
  call(request) {
    const { name, description, type, config, services } = wantedOf(request);
    return {
      method: 'POST',
      path: '/alert_grouping_settings',
      body: {
        alert_grouping_setting: {
          ...(name === undefined ? {} : { name }),
          ...(description === undefined ? {} : { description }),
          type,
          config: configBody(config),
          services: serviceReferences(services),
        },
      },
    };
  },
  alsoHolds: nothingElse,
  interpret(request, body) {
    const { id, type } = settingAnswer.parse(body).alert_grouping_setting;
    if (type !== wantedOf(request).type) throw new TypeError('The answer shows another alert grouping setting.');
    return { applied: true, result: { setting_id: id }, secrets: [] };
  },
  readBack: async (pagerduty, request) => ({ settings: await readSettingsOf(pagerduty, idsOf(request)) }),
  verify,
  undo,
});
