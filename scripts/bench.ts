import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchBlocked } from './bench/blocked.ts';
import { benchCalls } from './bench/calls.ts';
import { benchCatalogue } from './bench/catalogue.ts';
import { benchDecisions } from './bench/decisions.ts';
import { type Figure, table } from './bench/figures.ts';
import { type Ground, startGround } from './bench/ground.ts';
import { benchHolds } from './bench/holds.ts';
import { benchSlack } from './bench/slack.ts';

// Every comparison alternates between its two sides within one run, since no two runs meet the same machine.
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'holds,calls,catalogue,decisions,blocked,slack' },
    rounds: { type: 'string', default: '3' },
    waits: { type: 'string', default: '2000' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const parts: Record<string, (ground: Ground) => Promise<Figure[]>> = {
  holds: (ground) => benchHolds(ground, rounds),
  calls: (ground) => benchCalls(ground, rounds),
  catalogue: (ground) => benchCatalogue(ground, rounds),
  decisions: (ground) => benchDecisions(ground, rounds),
  slack: (ground) => benchSlack(ground, rounds),
  blocked: (ground) => benchBlocked(ground, rounds, Number(values.waits)),
};

const figures: Figure[] = [];
for (const name of values.only.split(',')) {
  const part = parts[name];
  if (part === undefined) throw new Error(`There is no part "${name}", only ${Object.keys(parts).join(', ')}.`);
  // A ground of its own for each part: none of them measures what another one left behind.
  const ground = await startGround();
  try {
    const found = await part(ground);
    figures.push(...found);
    process.stdout.write(`${table(found)}\n\n`);
  } finally {
    await ground.close();
  }
}
if (values.json !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version };
  await writeFile(values.json, `${JSON.stringify({ at: new Date(), machine, rounds, figures }, null, 2)}\n`);
}
