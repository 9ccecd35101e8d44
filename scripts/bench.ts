import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createTestDatabase } from '#db/test-database.ts';
import { benchCatalogue } from './bench/catalogue.ts';
import { benchDecisions } from './bench/decisions.ts';
import { type Figure, judged, table } from './bench/figures.ts';
import { type Ground, startDatabase, startGround } from './bench/ground.ts';
import { benchHeldWriteCost } from './bench/held-write-cost.ts';
import { benchHoldThroughput } from './bench/hold-throughput.ts';
import { benchReadings } from './bench/readings.ts';
import { FULL, type Sizes, SMOKE } from './bench/sizes.ts';
import { benchSlack } from './bench/slack.ts';
import { benchWaitingCalls } from './bench/waiting-calls.ts';

// Slack comes first: it would be told of whatever another part left to be told.
const PARTS: Record<string, (ground: Ground, sizes: Sizes) => Promise<Figure[]>> = {
  slack: benchSlack,
  readings: benchReadings,
  throughput: benchHoldThroughput,
  cost: benchHeldWriteCost,
  catalogue: benchCatalogue,
  decisions: benchDecisions,
  waiting: benchWaitingCalls,
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join() },
    rounds: { type: 'string', default: String(FULL.rounds) },
    waits: { type: 'string', default: String(FULL.waits) },
    json: { type: 'string' },
    /** Runs everything a few times on one ground, to see that it runs. */
    smoke: { type: 'boolean', default: false },
  },
});
const { smoke } = values;
const sizes = smoke ? SMOKE : { ...FULL, rounds: Number(values.rounds), waits: Number(values.waits) };
const parts = values.only.split(',').map((name) => {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`There is no part "${name}", only ${Object.keys(PARTS).join(', ')}.`);
  return { name, part };
});

const figures: (Figure & { part: string })[] = [];
// A ground of its own for each part: none of them measures what another one left behind.
for (const together of smoke ? [parts] : parts.map((one) => [one])) {
  const ground = await startGround(smoke ? await createTestDatabase() : await startDatabase());
  try {
    for (const { name, part } of together) {
      const startedAt = performance.now();
      figures.push(...(await part(ground, sizes)).map((figure) => ({ part: name, ...figure })));
      process.stderr.write(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
    }
  } finally {
    await ground.close();
  }
}
process.stdout.write(`${table(figures)}\n`);
if (values.json !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version };
  const report = { at: new Date(), machine, sizes, figures: figures.map(judged) };
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
