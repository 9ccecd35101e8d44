import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { defineWriteTool, type Evidence, type SummaryLine, type Watched } from '../../write-tool.ts';
import { absence, presence, readCreations, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { collect } from '../facts/pages.ts';
import { type Named, named, namedFrom } from '../facts/people.ts';
import { jsonText, toolInput } from '../input/parameters.ts';
import { strictest, textRisks } from '../words/risks.ts';
import { oneLine, sameName, whole, wholeOrEmpty } from '../words/wording.ts';
import {
  EVERYTHING,
  names,
  type TeamFacts,
  team,
  teamAnswer,
  teamFactsFrom,
  teamInput,
  visibilityWords,
} from './teams.ts';

const input = toolInput({ create_model: jsonText(z.strictObject({ team: jsonText(teamInput) })) });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  /** Teams of exactly that name. */
  same: z.array(named),
  /** Teams whose name differs only in case or spaces. */
  similar: z.array(named),
});
type Before = z.infer<typeof before>;

interface After {
  same: TeamFacts[];
  trail: Trail;
}

const asked = ({ create_model: { team: wanted } }: Input) => wanted;
const plain = (name: string) => name.trim().replace(/\s+/g, ' ').toLowerCase();

async function readNamesakes(pagerduty: ReadClient, name: string) {
  const source = { path: '/teams', list: 'teams', item: team };
  const { items } = await collect(pagerduty, source, { query: name.trim() }, { limit: EVERYTHING });
  const called = (one: { name?: string | null | undefined }) => one.name ?? '';
  return {
    same: items.filter((one) => sameName(name, called(one))),
    similar: items.filter((one) => !sameName(name, called(one)) && plain(called(one)) === plain(name)),
  };
}

function watched(request: Input, { same }: Before): Watched[] {
  const words = same.length === 0 ? 'not in use' : `in use by the team ${same.map(({ id }) => id).join(', ')}`;
  const value = same.map(({ id }) => id).sort();
  return [{ key: 'same', subject: `The name "${oneLine(asked(request).name)}"`, value, words }];
}

function lines(request: Input): SummaryLine[] {
  const { name, description, default_role: role } = asked(request);
  return [
    { label: 'Name', now: null, after: whole(name) },
    ...(description === undefined ? [] : [{ label: 'Description', now: null, after: wholeOrEmpty(description) }]),
    {
      label: 'Visibility',
      now: null,
      after: role === undefined ? 'public, which PagerDuty makes it when nothing is asked' : visibilityWords(role),
    },
  ];
}

function effect(similar: Named[]): string[] {
  const near = similar.length === 0 ? [] : [`Nearly the same name is in use already: ${names(similar)}.`];
  return ['Nobody starts or stops being paged: a new team has no members, services or escalation policies.', ...near];
}

function verify(request: Input, { same, trail }: After): Evidence {
  const { name, description, default_role: role } = asked(request);
  const [found, ...others] = same;
  if (found === undefined) return absence(trail, `There is no team named "${oneLine(name)}".`);
  const alike =
    (description ?? '') === (found.description ?? '') && (role ?? 'manager') === (found.defaultRole ?? 'manager');
  if (others.length === 0 && alike) {
    return presence(trail, 'There is now one team of that name, description and visibility.', { team_id: found.id });
  }
  const because =
    'There is a team of that name, but not with what was asked for: somebody else may have made it. A human must look.';
  return { applied: null, because };
}

export const createTeam = defineWriteTool<Input, Before, After>({
  name: 'create_team',
  title: 'Create a team',
  description: 'Create an empty team. Without default_role it is public.',
  version: 1,
  toolset: 'teams',
  source: { operationId: 'createTeam', method: 'POST', path: '/teams', scope: 'teams.write' },
  reads: ['teams.read', TRAIL_SCOPE],
  annotations: { destructiveHint: false, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: { create_model: { team: { name: 'Customs', description: 'Parcels that cross a border.' } } },

  async read(pagerduty, request) {
    const { same, similar } = await readNamesakes(pagerduty, asked(request).name);
    return { readAt: new Date().toISOString(), same: same.map(namedFrom), similar: similar.map(namedFrom) };
  },
  watched,
  admit: (request, { same }) =>
    same.length === 0
      ? yes
      : no(`There is a team named "${oneLine(asked(request).name)}" already; PagerDuty allows a name once.`),
  risk(request) {
    const { name, description = '' } = asked(request);
    return strictest([
      { level: 'low', reason: 'An empty team pages nobody and can be deleted again.' },
      ...textRisks(`${name}\n${description}`),
    ]);
  },
  touches: () => ({ subjects: ['account:teams'], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize: (request, { similar }) => ({
    title: `Create the team "${oneLine(asked(request).name)}"`,
    target: oneLine(asked(request).name),
    services: [],
    lines: lines(request),
    effect: { known: true, lines: effect(similar) },
  }),
  call: (request) => ({ method: 'POST', path: '/teams', body: { team: { type: 'team', ...asked(request) } } }),
  alsoHolds: nothingElse,
  interpret(request, body) {
    const { team: created } = teamAnswer.parse(body);
    if (!sameName(asked(request).name, created.name)) throw new TypeError('The answer shows another team.');
    return { applied: true, result: { team_id: created.id }, secrets: [] };
  },
  async readBack(pagerduty, request, attempt) {
    const [{ same }, trail] = await Promise.all([
      readNamesakes(pagerduty, asked(request).name),
      readCreations(pagerduty, 'teams', attempt),
    ]);
    return { same: same.map(teamFactsFrom), trail };
  },
  verify,
  undo: (_request, _facts, result) => ({
    possible: true,
    tool: 'delete_team',
    input: typeof result?.team_id === 'string' ? { team_id: result.team_id } : null,
    complete: true,
    note: 'Deletes the team again; PagerDuty refuses once something belongs to it.',
  }),
});
