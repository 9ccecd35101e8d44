import type { types } from '@slack/bolt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SlackQueue } from '#approvals/views/slack-queue.ts';
import { validateMessage, validateView } from '../fake/blocks/schema.ts';
import { activeIn, dangersIn, excessIn, outline, saidIn } from '../testing/reading.ts';
import { hostileName, hostileQueue, PUBLIC_URL, queueItem, view } from '../testing/requests.ts';
import { ACTIONS, readPointer } from './actions.ts';
import { buildHome, queueBlocks } from './home.ts';

const AT = new Date('2026-11-22T14:02:11Z');
const queue = (waiting: number, forOthers = 0): SlackQueue => ({
  waiting: Array.from({ length: waiting }, (_, index) => queueItem(index + 1, index === 1 ? 'high' : 'medium')),
  forOthers,
});
const home = (of: SlackQueue, name = 'Priya Raman') => buildHome({ linked: true, name, queue: of }, PUBLIC_URL, AT);
const actionsIn = (content: { blocks: unknown[] }) =>
  saidIn(content.blocks).flatMap(({ key, text }) => (key === 'action_id' ? [text] : []));

describe('the Home tab', () => {
  test('shows what waits, each row with a way to read it', () => {
    expect(home(queue(3, 2))).toMatchSnapshot();
    expect(outline(home(queue(3, 2)))).toMatchSnapshot();
  });

  test('approves nothing from a list', () => {
    const review = Array.from({ length: 3 }, () => ACTIONS.review);
    expect(actionsIn(home(queue(3)))).toEqual([...review, ACTIONS.queue]);
  });

  test('points every row at exactly what it shows', () => {
    const values = saidIn(home(queue(2))).filter(({ key }) => key === 'value');
    expect(values.map(({ text }) => readPointer(text))).toEqual(
      queue(2).waiting.map(({ id }) => ({ requestId: id, version: 1, digest: view.digest })),
    );
  });

  test('shows 20 rows and counts the others', () => {
    expect(actionsIn(home(queue(20))).filter((id) => id === ACTIONS.review)).toHaveLength(20);
    expect(outline(home(queue(20)))).not.toContain('more in Countersign');
    const many = home(queue(21));
    expect(actionsIn(many).filter((id) => id === ACTIONS.review)).toHaveLength(20);
    expect(outline(many)).toContain('# 21 waiting for you');
    expect(outline(many)).toContain('- … 1 more in Countersign');
  });

  test('says when nothing waits, and what waits for others', () => {
    expect(outline(home(queue(0)))).toMatchSnapshot();
    expect(outline(home(queue(0, 1)))).toContain('- 1 waits for others.');
    expect(outline(home(queue(1, 4)))).toContain('- 4 wait for others.');
  });

  test('says in one line whom it is for, and a tool’s title as it is', () => {
    expect(outline(home(queue(0), 'Priya\nRaman'))).toContain('- You decide as Priya Raman\n');
    const waiting = [{ ...queueItem(1), toolTitle: 'Change <incidents> & alerts' }];
    expect(outline(home({ waiting, forOthers: 0 }))).toContain('= *Change &lt;incidents&gt; &amp; alerts*\n');
  });

  test('of somebody who is not linked shows how to be, and nothing of any request', () => {
    const stranger = buildHome({ linked: false }, PUBLIC_URL, AT);
    expect(outline(stranger)).toMatchSnapshot();
    expect(actionsIn(stranger)).toEqual([ACTIONS.link]);
    expect(validateView(stranger, 'home')).toEqual([]);
  });
});

describe('the queue', () => {
  const message = (of: SlackQueue) => ({
    text: 'What waits for you.',
    blocks: queueBlocks(of, PUBLIC_URL) as types.KnownBlock[],
  });

  test('fits into a message and a view', () => {
    for (const of of [queue(0), queue(3, 2), queue(200, 200)]) {
      expect(validateMessage(message(of))).toEqual([]);
      expect(validateView(home(of), 'home')).toEqual([]);
      expect(message(of).blocks.length).toBeLessThanOrEqual(50);
    }
  });

  test('does not promise elsewhere to bring itself up to date', () => {
    expect(outline(message(queue(0)))).toContain('= Nothing waits for you.\n');
  });
});

test('whatever somebody else wrote stays literal and bounded in the Home tab', () => {
  fc.assert(
    fc.property(hostileQueue, hostileName, (of, name) => {
      const shown = home(of, name);
      expect(dangersIn(shown)).toEqual([]);
      expect(activeIn(shown)).toEqual([]);
      expect(excessIn(shown)).toEqual([]);
      expect(validateView(shown, 'home')).toEqual([]);
      expect(JSON.stringify(shown).length).toBeLessThanOrEqual(100_000);
      expect(actionsIn(shown)).not.toContain(ACTIONS.approve);
    }),
    { numRuns: 60 },
  );
});
