import { explore } from '#approvals/proof/model/explore.ts';
import { findDamage, MUTANTS } from '#approvals/proof/model/mutants.ts';
import { INVARIANTS, WIDER } from '#approvals/proof/model/properties.ts';
import { RULES } from '#approvals/proof/model/rules.ts';
import { LARGE_SCENES, SCENES } from '#approvals/proof/model/scenes.ts';

// Explores every state of the lifecycle and prints what holds, and what would break without each guard.
// `npm run model -- --large` adds two larger scenes.

let failed = false;
const say = (line = '') => process.stdout.write(`${line}\n`);
const scenes = process.argv.includes('--large') ? [...SCENES, ...LARGE_SCENES] : SCENES;

say('Scenes');
for (const scene of scenes) {
  const start = performance.now();
  const { states, moves, depth, violation, trap } = explore({ scene, rules: RULES });
  const ms = Math.round(performance.now() - start);
  say(`  ${scene.name}: ${states} states, ${moves} moves, ${depth} steps deep, ${ms} ms`);
  const broken = violation ?? trap;
  if (!broken) continue;
  failed = true;
  say(`    ${broken.invariant} is broken: ${broken.trace.join(', ')}`);
}

say('\nInvariants');
for (const { id, says } of INVARIANTS) say(`  ${id}: ${says}`);
for (const [id, says] of Object.entries(WIDER)) say(`  ${id}: ${says}`);

say('\nMutants, each with a shortest way to the damage');
for (const mutant of MUTANTS) {
  const violation = findDamage(mutant);
  const right = violation?.invariant === mutant.caughtBy;
  failed ||= !right;
  say(`  ${mutant.name} (${mutant.does})`);
  say(
    `    ${right ? '' : `expected ${mutant.caughtBy}, found `}${violation?.invariant}: ${violation?.trace.join(', ')}`,
  );
}
process.exitCode = failed ? 1 : 0;
