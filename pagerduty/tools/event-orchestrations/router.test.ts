import { beforeEach, describe, expect, test } from 'vitest';
import { services } from '../../fake/company.ts';
import { orchestrations } from '../../fake/event-orchestrations.ts';
import { refusals, stage } from '../testing/stage.ts';
import { updateEventOrchestrationRouter as tool } from './update-event-orchestration-router.ts';

const { play, held, sent, binding, evidence } = await stage();
const { monitoring } = orchestrations;
const rule = (label: string, expression: string, to: { id: string }, rest: object = {}) => ({
  label,
  conditions: [{ expression }],
  actions: { route_to: to.id },
  ...rest,
});
const ask = (rules: object[], to = 'unrouted', id: string = monitoring.id) => ({
  orchestration_id: id,
  router_update: { orchestration_path: { sets: [{ rules }], catch_all: { actions: { route_to: to } } } },
});

const cards = rule('Cards and payments', "event.source matches part 'payments'", services.payments, { id: '9a1c4e07' });
cards.conditions.push({ expression: "event.summary matches part 'card provider'" });
const shop = rule('Shop front', "event.custom_details.team matches 'commerce'", services.checkout, { id: '3fd82b61' });
const tracking = rule('Parcel tracking', "event.source matches regex 'track(er|ing)-[0-9]+'", services.tracking, {
  id: 'c07e95da',
});
const belts = rule('Belts', "event.class matches 'belt'", services.warehouse);
const routerNow = () =>
  play.state().orchestrations.paths.find(({ type, parentId }) => type === 'router' && parentId === monitoring.id);

beforeEach(() => play.reset());

describe('routing rules', () => {
  test('refuses blank artefacts for the id of a rule, and takes placeholders', () => {
    const problems = (id: string) => refusals(tool, ask([{ ...belts, id }])).map((one) => one.replace(/^[^:]*: /, ''));
    expect(['', ' ', 'null', '"null"', '\u200b', 'None'].map((id) => problems(id))).toMatchInlineSnapshot(`
      [
        [
          "The rule id is blank (""); give the id itself, or leave it out.",
        ],
        [
          "The rule id is blank (" "); give the id itself, or leave it out.",
        ],
        [
          "The rule id is blank ("null"); give the id itself, or leave it out.",
        ],
        [
          "The rule id is blank ("\\"null\\""); give the id itself, or leave it out.",
        ],
        [
          "The rule id is blank ("\\u{200b}"); give the id itself, or leave it out.",
        ],
        [
          "The rule id is blank ("None"); give the id itself, or leave it out.",
        ],
      ]
    `);
    expect(['new', 'rule_1', '9a1c4e07'].map((id) => problems(id))).toEqual([[], [], []]);
  });

  test('keeps the ids of rules that stay when the agent leaves them out, the same label first', async () => {
    const bare = ({ id: _id, ...rest }: typeof cards & { id?: string }) => rest;
    const { label: _label, ...unnamed } = bare(shop);
    const asked = ask([bare(cards), unnamed, { ...bare(tracking), id: 'placeholder' }, belts]);
    const { input, before } = await held(tool, asked);
    expect(tool.call(input, binding, before).body).toMatchObject({
      orchestration_path: {
        sets: [{ rules: [{ id: '9a1c4e07' }, { id: '3fd82b61', label: 'Shop front' }, { id: 'c07e95da' }, belts] }],
      },
    });
    const { lines } = tool.summarize(input, before);
    expect(lines.map(({ label, after }) => [label, after])).toMatchInlineSnapshot(`
      [
        [
          "Rule 4, new",
          "to Warehouse Routing: "Belts", when event.class matches 'belt'",
        ],
        [
          "Other rules",
          "as they are",
        ],
        [
          "Events that match no rule",
          "Unrouted (no service), as now",
        ],
        [
          "Ids not sent",
          "placeholder (no rule has it: PagerDuty gives new rules ids of its own)",
        ],
      ]
    `);
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, complete: true });
    await sent(tool, input, before);
    expect(
      routerNow()
        ?.sets[0]?.rules.slice(0, 3)
        .map(({ id }) => id),
    ).toEqual(['9a1c4e07', '3fd82b61', 'c07e95da']);

    play.reset();
    play.change(({ orchestrations: { paths } }) => {
      const [first, second] = paths[0]?.sets[0]?.rules ?? [];
      if (first && second) Object.assign(second, { ...first, id: second.id, label: 'Twin' });
    });
    const twin = await held(
      tool,
      ask([
        { ...bare(cards), label: 'Twin' },
        { ...bare(cards), label: 'Elder' },
      ]),
    );
    expect(tool.call(twin.input, binding, twin.before).body).toMatchObject({
      orchestration_path: { sets: [{ rules: [{ id: '3fd82b61' }, { id: '9a1c4e07', label: 'Elder' }] }] },
    });
  });

  test('compares conditions whatever their spacing, but exactly within quotes', async () => {
    const there = String.raw`event.summary matches 'disk  full' and event.class matches "it's" or event.source matches 'a\'b  c'`;
    const settled = async (expression: string) => {
      const input = tool.input.parse(ask([{ ...belts, conditions: [{ expression: there }] }]));
      play.reset();
      const { before } = await held(tool, ask([{ ...belts, conditions: [{ expression }] }]));
      await sent(tool, ask([{ ...belts, conditions: [{ expression }] }]), before);
      return (await evidence(tool, input)).applied;
    };
    expect(await settled(there.replace(' and ', '\n  and  '))).toBe(true);
    expect(await settled(there.replace('disk  full', 'disk full'))).toBeNull();
    expect(await settled(there.replace('b  c', 'b c'))).toBeNull();
  });
});
