import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STATUSES } from '#approvals/lifecycle.ts';
import type { SlackView } from '#approvals/views/slack-view.ts';
import { validateMessage } from '../fake/blocks/schema.ts';
import { activeIn, dangersIn, excessIn, outline, saidIn } from '../testing/reading.ts';
import { BOB, FAITH, hostileView, PRIYA, PUBLIC_URL, RISK_LEVELS, view, viewOf } from '../testing/requests.ts';
import { ACTIONS, readPointer } from './actions.ts';
import { buildDirectMessage, buildFlood, buildMessage, type SlackMessage } from './message.ts';

const built = (of: SlackView) => buildMessage(of, PUBLIC_URL);
const direct = (of: SlackView, personId = 'p1') => buildDirectMessage(of, personId, PUBLIC_URL);
const shown = (of: Partial<SlackView>) => outline(built({ ...view, ...of }));
const summary = (of: Partial<SlackView['summary']>) => shown({ summary: { ...view.summary, ...of } });

const actionsIn = ({ blocks }: SlackMessage) =>
  blocks.flatMap((block) => (block.type === 'actions' ? block.elements.map((element) => element.action_id) : []));

const kinds = ({ blocks }: SlackMessage) => blocks.map(({ type }) => type);

describe('the message in the channel', () => {
  test('that waits for a decision has six blocks, in order', () => {
    const message = built(view);
    expect(kinds(message)).toEqual(['header', 'section', 'rich_text', 'rich_text', 'context', 'actions']);
    expect(message).toMatchSnapshot();
  });

  test('that is over keeps the facts and what was asked for', () => {
    const message = built(viewOf('succeeded'));
    expect(kinds(message)).toEqual(['header', 'section', 'rich_text', 'context', 'actions']);
    expect(message).toMatchSnapshot();
  });

  test.each(STATUSES)('says what is so when it is %s, at every risk', (status) => {
    expect(RISK_LEVELS.map((risk) => outline(built(viewOf(status, risk)))).join('\n\n')).toMatchSnapshot();
  });

  test.each(STATUSES.flatMap((status) => RISK_LEVELS.map((risk) => [status, risk] as const)))(
    'is one that Slack takes when it is %s at %s risk',
    (status, risk) => {
      expect(validateMessage(built(viewOf(status, risk)))).toEqual([]);
      expect(validateMessage(direct(viewOf(status, risk)))).toEqual([]);
    },
  );

  test('offers to decide only what can be decided, and nothing else ever', () => {
    for (const status of STATUSES) {
      for (const risk of RISK_LEVELS) {
        const of = viewOf(status, risk);
        const approve = of.webOnly ? ACTIONS.review : ACTIONS.approve;
        expect(actionsIn(built(of))).toEqual(of.decidable ? [approve, ACTIONS.deny, ACTIONS.open] : [ACTIONS.open]);
      }
    }
  });

  test('points every button at exactly the version it shows', () => {
    const of = { ...view, version: 7 };
    const values = saidIn(built(of)).filter(({ key }) => key === 'value');
    expect(values).toHaveLength(3);
    for (const { text } of values)
      expect(readPointer(text)).toEqual({ requestId: view.id, version: 7, digest: view.digest });
  });

  test('asks once more before an approval', () => {
    const confirm = saidIn(built(view)).filter(({ text }) => text.includes('sent to PagerDuty at once'));
    expect(confirm.map(({ text }) => text)).toEqual([
      'Change incidents. It is sent to PagerDuty at once.\nTarget: #4822 Webhooks from &lt;payments&gt; fail &amp; pile up',
    ]);
  });

  test('is within Slack’s limits however long a tool’s title is', () => {
    for (const webOnly of [true, false]) {
      const message = built({ ...view, toolTitle: 'Change & '.repeat(60), webOnly });
      expect(excessIn(message)).toEqual([]);
      expect(message.text).toContain('Change &amp; Change');
    }
  });

  test('tells other apps which request it is, and no more', () => {
    expect(built(view).metadata).toEqual({
      event_type: 'countersign_request',
      event_payload: { request_id: view.id, version: 1, status: 'pending' },
    });
  });

  test('has new block ids for every version, and one for each block', () => {
    const ids = (version: number) => built({ ...view, version }).blocks.map((block) => block.block_id);
    expect(new Set([...ids(1), ...ids(2)]).size).toBe(2 * ids(1).length);
  });

  test('never says of what is unknown that it failed, and leads to where it is settled', () => {
    const text = outline(built(viewOf('unknown')));
    expect(text).toContain('It may or may not have been applied');
    expect(text).not.toMatch(/failed|retry|again/i);
  });
});

describe('those on call', () => {
  const fact = (of: Partial<SlackView>) => {
    const section = built({ ...view, ...of }).blocks.find(({ type }) => type === 'section');
    const fields = section?.type === 'section' ? (section.fields ?? []) : [];
    const at = fields.findIndex(({ text }) => /^\*Asked\*/.test(text));
    if (at < 0) return null;
    const [label, next] = fields.slice(at, at + 2);
    return [label?.text, ...(next?.type === 'plain_text' ? [next.text] : [])];
  };

  test('are mentioned where Slack knows them, else named', () => {
    expect(fact({})).toEqual(['*Asked*\n<@U0000PRIYA>', 'Bob &lt;Byrne&gt;']);
    expect(fact({ summoned: [PRIYA] })).toEqual(['*Asked*\n<@U0000PRIYA>']);
    expect(fact({ summoned: [BOB] })).toEqual(['*Asked*', 'Bob &lt;Byrne&gt;']);
  });

  test('are only named where the id is none of Slack’s', () => {
    for (const slackUserId of ['!channel', 'U1|x', 'u0000priya', 'C0000GENERAL', `U${'1'.repeat(30)}`]) {
      expect(fact({ summoned: [{ ...PRIYA, slackUserId }] })).toEqual(['*Asked*', 'Priya Raman']);
    }
  });

  test('are called neither to a low risk nor to what is over', () => {
    expect(fact({ risk: 'low' })).toEqual(['*Asked*', 'Priya Raman, Bob &lt;Byrne&gt;']);
    expect(fact({ decidable: false })).toEqual(['*Asked*', 'Priya Raman, Bob &lt;Byrne&gt;']);
  });

  test('are neither the fallback group nor those whose shift is over', () => {
    expect(fact({ summoned: [{ ...PRIYA, handedTo: 'Bob' }, FAITH] })).toBeNull();
  });

  test('are counted when there are many', () => {
    const summoned = Array.from({ length: 12 }, () => PRIYA);
    expect(fact({ summoned })?.[0]).toMatch(/(<@U0000PRIYA>, ){9}<@U0000PRIYA> and 2 more$/);
  });

  test('stand in a row with their names, as every fact does', () => {
    const summoned = [PRIYA, BOB];
    for (const of of [viewOf('pending', 'critical'), viewOf('denied', 'critical'), viewOf('denied')]) {
      const section = built({ ...of, summoned }).blocks.find(({ type }) => type === 'section');
      const fields = section?.type === 'section' ? (section.fields ?? []) : [];
      const left = fields.filter((_, index) => index % 2 === 0).map(({ text }) => text.split('\n')[0]);
      expect(left).toEqual(['*Service*', '*Target*', '*Agent*', '*Risk*', '*Asked*']);
    }
  });

  test('fit among the facts when there is as much to say as can be', () => {
    const of = { ...view, risk: 'critical' as const, reviewsRequired: 2, proposedByName: 'Eve' };
    expect(excessIn(built(of))).toEqual([]);
    expect(outline(built(of))).toContain('*Risk*\n   Critical risk\n   *Approvals*\n   0 of 2');
  });
});

test('a name with line breaks passes for no other fact', () => {
  const text = shown({
    summary: { ...view.summary, services: ['A\nRisk', 'B'], target: 'C\n\nLow risk' },
    agentName: 'D\nE',
  });
  expect(text).toContain('  *Service*\n  A Risk, B\n  *Target*\n  C Low risk\n  *Agent*\n  D E\n');
});

describe('what would change', () => {
  test('does not let a value pass for another change', () => {
    const lines = shown({}).split('\n');
    expect(lines.filter((line) => line.startsWith('   | Status: '))).toEqual(['   | Status: triggered → resolved']);
  });

  test('counts the changes and effects that are left out', () => {
    const lines = Array.from({ length: 13 }, (_, index) => ({ label: `Field ${index}`, now: null, after: 'x' }));
    const effect = { known: true, lines: Array.from({ length: 9 }, (_, index) => `Effect ${index}.`) };
    const text = summary({ lines, effect });
    expect(text).toContain('   | Field 11: x\n   | … 1 more in Countersign');
    expect(text).toContain('   • Effect 7.\n   • … 1 more in Countersign');
    const fits = summary({ lines: lines.slice(1), effect: { known: true, lines: effect.lines.slice(1) } });
    expect(fits).not.toContain('more in Countersign');
  });

  test('leaves out whole changes, never the end of one', () => {
    const lines = Array.from({ length: 12 }, (_, index) => ({ label: `F${index}`, now: 'n'.repeat(280), after: 'a' }));
    const text = summary({ lines });
    expect(text).toContain('… 3 more in Countersign');
    expect(text).toMatch(/F8: n{280} → a\n/);
    const tall = Array.from({ length: 12 }, (_, index) => ({ label: `F${index}`, now: null, after: '1\n2\n3\n4' }));
    expect(summary({ lines: tall })).toContain('… 2 more in Countersign');
  });

  test('is bounded in every value', () => {
    const lines = [{ label: 'Body', now: 'x'.repeat(310), after: '1\n2\n3\n4\n5\n6' }];
    const text = summary({ lines });
    expect(text).toContain(`Body: ${'x'.repeat(300)}… [10 more characters] → 1\n   |     2\n`);
    expect(text).toContain('   |     4\n   |     … [2 more lines]\n');
  });

  test('says so when the effect is not known', () => {
    expect(summary({ effect: { known: false, lines: [] } })).toContain('*Effect*\n   • Could not be computed.');
  });

  test('goes without what there is not', () => {
    const text = summary({ lines: [], effect: { known: true, lines: [] }, services: [] });
    expect(text).not.toMatch(/What would change|Effect|Service/);
  });
});

describe('what was said', () => {
  test('by the agent stands alone, labelled, and goes when it is decided', () => {
    expect(shown({})).toContain('*The agent says (not verified)*\nrich\n   > Error rate');
    expect(shown({ agentSays: { text: ' ', findings: [] } })).not.toContain('The agent says');
    expect(shown({ decidable: false })).not.toMatch(/agent says|Error rate/);
  });

  test('is checked in the arguments and in the agent’s words, until it is decided', () => {
    const agentSays = { text: 'x', findings: ['Contains control characters.', ...view.findings] };
    const check = 'Check the text above: Mixes alphabets whose letters look alike. Contains control characters.';
    expect(shown({ agentSays })).toContain(`- ${check}\n`);
    expect(shown({ agentSays, decidable: false })).not.toContain('Check the text');
  });

  test('by those who approved is told once', () => {
    const approvals = [{ ...PRIYA, at: view.expiresAt }];
    const two = { approvals, reviewsRequired: 2 };
    expect(shown(two)).toContain('- 1 of 2 approvals: Priya Raman');
    expect(shown({ ...two, because: '1 of 2 approvals: Priya Raman: go' }).match(/1 of 2 approvals/g)).toHaveLength(1);
    expect(shown({ approvals, because: 'PagerDuty applied it.' })).toContain('- Approved by Priya Raman');
  });

  test('by a human who proposed it names them instead of the agent', () => {
    expect(shown({ proposedByName: 'Eve' })).toContain('*Proposed by*\n  Eve');
    expect(shown({ proposedByName: 'Eve' })).not.toContain('triage-bot');
  });
});

describe('the message to somebody who was asked', () => {
  const summoned = [PRIYA, BOB, FAITH];

  test('starts from why they are', () => {
    expect(outline(direct({ ...view, summoned }))).toMatchSnapshot();
    expect(direct({ ...view, summoned })).toMatchSnapshot();
    expect(outline(direct({ ...view, summoned }, 'p2'))).toContain('= You are on call (level 2).\n');
    expect(outline(direct({ ...view, summoned }, 'p3'))).toContain('= You are in the fallback group.\n');
    expect(outline(direct({ ...viewOf('denied'), summoned }, 'p3'))).toContain('= You were in the fallback group.\n');
  });

  test.each(STATUSES)('says what became of it when it is %s', (status) => {
    expect(outline(direct(viewOf(status, 'high')))).toMatchSnapshot();
  });

  test('has four blocks, or five with the agent’s words', () => {
    expect(kinds(direct(view))).toEqual(['header', 'section', 'rich_text', 'rich_text', 'actions']);
    expect(kinds(direct({ ...view, agentSays: null }))).toEqual(['header', 'section', 'rich_text', 'actions']);
  });

  test('leaves nothing to decide to whoever handed it over', () => {
    const handed = (handedTo: string) => direct({ ...view, summoned: [{ ...PRIYA, handedTo }, BOB] });
    const message = handed('Bob <Byrne>');
    expect(outline(message)).toMatchSnapshot();
    expect(message.text).toBe('Handed over: Change incidents. Medium risk.');
    expect(actionsIn(message)).toEqual([ACTIONS.open]);
    expect(outline(handed('B\nob'))).toContain('= B ob has the shift now.\n');
    expect(outline(handed(''))).toContain('= Nobody has the shift now.\n');
  });

  test('leaves nothing to decide to whoever has approved it', () => {
    const of = { ...view, reviewsRequired: 2, approvals: [{ ...PRIYA, at: view.expiresAt }] };
    expect(actionsIn(direct(of))).toEqual([ACTIONS.open]);
    expect(outline(direct(of))).toContain('= You have approved it. 1 more person must.\n');
    expect(actionsIn(direct(of, 'p2'))).toContain(ACTIONS.approve);
    expect(outline(direct({ ...of, decidable: false }))).toContain('= You have approved it.\n');
  });

  test('leaves nothing to decide to whoever was not asked', () => {
    expect(actionsIn(direct(view, 'p9'))).toEqual([ACTIONS.open]);
  });

  test('mentions nobody', () => {
    expect(JSON.stringify(direct({ ...view, summoned }))).not.toContain('<@');
  });
});

describe('the message that stands for many', () => {
  const flood = (total: number, waiting: number) => buildFlood({ total, waiting, lane: 'channel' }, PUBLIC_URL);

  test('counts them and leads to the queue', () => {
    expect(flood(12, 7)).toMatchSnapshot();
    expect(flood(12, 1).text).toBe('12 more requests came within a minute; 1 still waits.');
    expect(flood(12, 0).text).toBe('12 more requests came within a minute; none waits any more.');
    expect(validateMessage(flood(12, 7))).toEqual([]);
  });
});

describe('whatever somebody else wrote', () => {
  const holds = (check: (message: SlackMessage, of: SlackView) => void) =>
    fc.assert(
      fc.property(hostileView, fc.constantFrom('p1', 'p2', 'p9'), (of, personId) => {
        for (const message of [built(of), direct(of, personId)]) check(message, of);
      }),
      { numRuns: 60 },
    );

  test('stays literal: no mention, no link but our own, no markup, no emoji', () => {
    holds((message) => {
      expect(dangersIn(message)).toEqual([]);
      expect(activeIn(message)).toEqual([]);
    });
  });

  test('is not in a notification', () => {
    const words = STATUSES.map((status) => viewOf(status).meaning.word).join('|');
    const who = String.raw`( You (are|were) (on call \(level \d\)|in the fallback group)\.)?`;
    const ours = new RegExp(`^(${words}|Handed over): Change incidents\\. (Low|Medium|High|Critical) risk\\.${who}$`);
    holds(({ text }) => expect(text).toMatch(ours));
  });

  test('shares no block with our own words when it is the agent’s', () => {
    holds(({ blocks }) => {
      const says = blocks.find((block) => block.block_id?.startsWith('says:'));
      if (says === undefined) return;
      expect(says.type === 'rich_text' && says.elements.map(({ type }) => type)).toEqual(['rich_text_quote']);
    });
  });

  test('never passes for another change', () => {
    holds(({ blocks }, { summary: { lines } }) => {
      for (const block of blocks) {
        if (block.type !== 'rich_text' || !block.block_id?.startsWith('change:')) continue;
        const code = block.elements.filter(({ type }) => type === 'rich_text_preformatted');
        const texts = code.flatMap(({ elements }) => elements.map((one) => ('text' in one ? `${one.text}` : '')));
        const unindented = texts.flatMap((text) => text.split('\n').filter((line) => !line.startsWith('    ')));
        expect(unindented.length).toBeLessThanOrEqual(Math.min(lines.length, 13));
        expect(texts.join('\n').split('\n').length).toBeLessThanOrEqual(41);
      }
    });
  });

  test('pushes no button away, and stays within what Slack takes', () => {
    holds((message) => {
      expect(excessIn(message)).toEqual([]);
      expect(validateMessage(message)).toEqual([]);
      expect(message.blocks.length).toBeLessThanOrEqual(6);
      expect(message.blocks.at(-1)?.type).toBe('actions');
      expect(actionsIn(message)).toContain(ACTIONS.open);
      expect(outline(message).split('\n').length).toBeLessThanOrEqual(120);
      expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(30_000);
    });
  });
});
