import { beforeEach, describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import { createReadClient } from '../../read-client.ts';
import type { WriteTool } from '../../write-tool.ts';
import { writeTools } from '../index.ts';
import { NOW, stage } from '../testing/stage.ts';
import { absence, presence, readCreations, readTrail, TRAIL_SCOPE, type Trail } from './trail.ts';

const { play, reads, held, sent, at, attempt, evidence } = await stage();
const later = (seconds: number) => new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
const rename = (seconds: number, id: string = teams.data.id) => {
  at(later(seconds));
  play.human({ as: people.ruth.email, method: 'PUT', path: `/teams/${id}`, body: { team: { name: `New ${id}` } } });
};
const create = (seconds: number) => {
  at(later(seconds));
  play.human({ as: people.ruth.email, method: 'POST', path: '/teams', body: { team: { name: 'Customs' } } });
};
const trailNow = () => readTrail(reads, 'teams', teams.data.id, attempt);
const creationsNow = () => readCreations(reads, 'teams', attempt);

beforeEach(() => {
  at(NOW);
  play.reset();
});

describe('the audit trail', () => {
  test('tells nothing while nobody changes that object, whatever happens to others', async () => {
    expect(await trailNow()).toBe('untouched');
    rename(0, teams.returns.id);
    create(0);
    expect(await trailNow()).toBe('untouched');
  });

  test('takes what is dated between the claim and the end of the settle window for the attempt, whoever did it', async () => {
    for (const seconds of [-6, 0, 60, 126]) {
      play.reset();
      rename(seconds);
      at(later(3_600));
      expect([seconds, await trailNow()]).toEqual([seconds, 'changed']);
    }
  });

  test('tells what was done well before the claim or after the settle window from it', async () => {
    for (const seconds of [-840, -8, 128, 3_600]) {
      play.reset();
      rename(seconds);
      at(later(3_600));
      expect([seconds, await trailNow()]).toEqual([seconds, 'elsewhen']);
    }
  });

  test('says nothing of what was done more than a quarter of an hour before the claim', async () => {
    rename(-1_000);
    at(NOW);
    expect(await trailNow()).toBe('untouched');
  });

  test('finds the change of the attempt among others', async () => {
    rename(-60);
    rename(1);
    rename(3_600);
    expect(await trailNow()).toBe('changed');
  });

  test('tells creations from changes', async () => {
    rename(0);
    expect(await creationsNow()).toBe('untouched');
    create(3_600);
    expect(await creationsNow()).toBe('elsewhen');
    play.reset();
    create(0);
    expect(await creationsNow()).toBe('changed');
  });

  test('is unreadable without the right to it', async () => {
    const stranger = createReadClient({ baseUrl: play.url, token: 'r-nobody' });
    expect(await readTrail(stranger, 'teams', teams.data.id, attempt)).toBe('unreadable');
    expect(await readCreations(stranger, 'teams', attempt)).toBe('unreadable');
  });
});

test('proves only what nobody changed as absent, and never what somebody else changed as ours', () => {
  const trails: Trail[] = ['untouched', 'changed', 'elsewhen', 'unreadable'];
  expect(
    trails.map((trail) => [trail, absence(trail, 'Not there.'), presence(trail, 'There.', { id: 'P1' })]),
  ).toMatchInlineSnapshot(`
      [
        [
          "untouched",
          {
            "applied": false,
            "because": "Not there. The audit trail shows no change since it was to be sent.",
          },
          {
            "applied": null,
            "because": "There. The audit trail shows no change while the call may have been on its way: it may be somebody else’s doing. A human must look.",
          },
        ],
        [
          "changed",
          {
            "applied": null,
            "because": "Not there. The audit trail shows that somebody changed something since, so it may have been there. A human must look.",
          },
          {
            "applied": true,
            "because": "There.",
            "result": {
              "id": "P1",
            },
          },
        ],
        [
          "elsewhen",
          {
            "applied": null,
            "because": "Not there. The audit trail shows that somebody changed something since, so it may have been there. A human must look.",
          },
          {
            "applied": null,
            "because": "There. The audit trail shows no change while the call may have been on its way: it may be somebody else’s doing. A human must look.",
          },
        ],
        [
          "unreadable",
          {
            "applied": null,
            "because": "Not there. The audit trail could not be read, so it may have been there and be gone again. A human must look.",
          },
          {
            "applied": true,
            "because": "There.",
            "result": {
              "id": "P1",
            },
          },
        ],
      ]
    `);
});

describe('somebody else’s same change', () => {
  const TOOLSETS = ['teams', 'services', 'escalation_policies', 'users'];
  const all: WriteTool[] = Object.values(writeTools);
  const audited = all.filter((tool) => TOOLSETS.includes(tool.toolset) && tool.reads.includes(TRAIL_SCOPE));
  test('is looked for by every tool of these toolsets that has a trail', () => {
    expect(audited.map(({ name }) => name)).toMatchInlineSnapshot(`
      [
        "create_service",
        "update_service",
        "create_escalation_policy",
        "update_escalation_policy",
        "create_user",
        "create_team",
        "update_team",
        "add_team_member",
        "remove_team_member",
      ]
    `);
  });

  test.each(audited)('an hour later is left to a human by $name', async (tool) => {
    const { input, before } = await held(tool, tool.example);
    const { method, path, body } = tool.call(input, { requestId: 'req_0001', requesterUserId: null }, before);
    at(later(3_600));
    play.human({ as: people.ruth.email, method, path, body });
    expect(await evidence(tool, input)).toEqual({
      applied: null,
      because: expect.stringContaining('somebody else’s doing'),
    });
    play.reset();
    at(NOW);
    await sent(tool, input, before);
    at(later(3_600));
    expect((await evidence(tool, input)).applied).toBe(true);
  });

  const stamped = [
    'update_alert_grouping_setting',
    'update_event_orchestration_router',
    'append_event_orchestration_router_rule',
  ];
  test.each(stamped)('is told by the time of the last change by %s', async (name) => {
    const tool = all.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`There is no ${name}.`);
    const { input, before } = await held(tool, tool.example);
    at(later(3_600));
    await sent(tool, input, before);
    expect(await evidence(tool, input)).toEqual({
      applied: null,
      because: expect.stringContaining('somebody else’s doing'),
    });
    play.reset();
    at(NOW);
    await sent(tool, input, before);
    expect((await evidence(tool, input)).applied).toBe(true);
  });
});
