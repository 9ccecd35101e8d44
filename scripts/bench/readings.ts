import { cancel } from '#approvals/cancel.ts';
import { submit } from '#approvals/submit.ts';
import type { ReadClient } from '#pagerduty/read-client.ts';
import { writeTools } from '#pagerduty/tools/index.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { type Figure, median } from './figures.ts';
import type { Ground } from './ground.ts';

const writes: WriteTool[] = Object.values(writeTools);

interface Counted {
  waves: number;
  readings: number;
}

/**
 * A ReadClient that holds every answer back until nothing more is read without it. So readings that could be made at
 * the same time are one wave, however long each takes, and the waves are the readings that have to wait for others.
 */
function inWaves(client: ReadClient) {
  let counted: Counted = { waves: 0, readings: 0 };
  let open = 0;
  let held: (() => void)[] = [];

  async function answered<T>(answer: Promise<T>): Promise<T> {
    counted.readings += 1;
    open += 1;
    // What fails is held back like any other answer.
    await answer.catch(() => undefined);
    open -= 1;
    const given = new Promise<void>((done) => held.push(done));
    if (open === 0) {
      counted.waves += 1;
      const wave = held;
      held = [];
      for (const give of wave) give();
    }
    await given;
    return answer;
  }

  const reader: ReadClient = {
    get: (path, schema, query) => answered(client.get(path, schema, query)),
    pose: (question, schema, body) => answered(client.pose(question, schema, body)),
  };
  /** What was counted since the last time. */
  const take = () => {
    const taken = counted;
    counted = { waves: 0, readings: 0 };
    return taken;
  };
  return { reader, take };
}

/** How many readings of PagerDuty are made one after another until a write of each tool is held: counted, not timed. */
export async function benchReadings(ground: Ground): Promise<Figure[]> {
  const ctx = ground.agent(0);
  const found: { name: string; first: Counted; again: Counted }[] = [];
  for (const { name, example } of writes) {
    const { reader, take } = inWaves(ground.pagerduty);
    const hold = async () => {
      const { request } = await submit({ ...ctx, pagerduty: reader }, { tool: name, arguments: example });
      await cancel(ctx, { requestId: request.id });
      return take();
    };
    found.push({ name, first: await hold(), again: await hold() });
  }
  const shallow = (time: 'first' | 'again') => found.filter((one) => one[time].waves <= 1).length;
  const deep = found.filter(({ first }) => first.waves > 1).sort((a, b) => b.again.waves - a.again.waves);
  return [
    {
      name: `tools of ${writes.length} that read PagerDuty at most once in a row, where it was read before`,
      value: shallow('again'),
      unit: '',
      aim: { of: 'value', at: 'least', value: 30 },
    },
    { name: `tools of ${writes.length} that do the first time`, value: shallow('first'), unit: '' },
    {
      name: 'readings of a held write, also at once, median over the tools',
      value: median(found.map(({ again }) => again.readings)),
      unit: '',
    },
    ...deep.map(({ name, first, again }) => {
      const figure = { name: `in a row: ${name}, which reads ${again.readings} times`, value: again.waves, unit: '' };
      return { ...figure, against: { name: 'the first time', value: first.waves } };
    }),
  ];
}
