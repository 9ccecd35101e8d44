import { parseArgs } from 'node:util';
import { failureText, shrink, walkAll } from '#approvals/proof/walk/walk.ts';

// Random walks of the real store beside the model. `npm run walk -- --steps 100000 --seed 1`: at least so many steps,
// beginning with that seed; a walk that fails is made shorter and printed.

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    lanes: { type: 'string', default: '3' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const steps = Number(values.steps);
// One walk is one lane, so that a printed seed is repeated and nothing else.
const lanes = steps === 1 ? 1 : Number(values.lanes);
if (![seed, steps, lanes].every(Number.isInteger)) throw new Error('--seed, --steps and --lanes are whole numbers.');

const say = (line: string) => process.stdout.write(`${line}\n`);
say(`seed ${seed}`);
const start = performance.now();
const all = await walkAll({ seed, steps, lanes });
if (all.failed) {
  say(failureText(all.failed.seed, all.failed.report));
  say(`\nShorter:\n${failureText(all.failed.seed, await shrink(all.failed.report))}`);
}
say(`${all.walks} walks, ${all.steps} steps, ${Math.round((performance.now() - start) / 1000)} s`);
for (const [what, times] of [...all.seen].sort()) say(`  ${what}: ${times}`);
process.exit(all.failed ? 1 : 0);
