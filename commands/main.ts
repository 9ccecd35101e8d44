import { existsSync } from 'node:fs';
import { type Command, runCommand } from './shell.ts';

// What an operator types: npm run NAME -- …; each command is loaded only when it is wanted.
const COMMANDS: Record<string, () => Promise<Command>> = {
  agent: async () => (await import('./agent.ts')).agent,
  agents: async () => (await import('./agents.ts')).agents,
  people: async () => (await import('./people.ts')).people,
  scopes: async () => (await import('./scopes.ts')).scopes,
  manifest: async () => (await import('./manifest.ts')).manifest,
};

const [name = '', ...args] = process.argv.slice(2);
const load = COMMANDS[name];
if (load === undefined) throw new Error(`There is no command "${name}": ${Object.keys(COMMANDS).join(', ')}.`);
if (existsSync('.env')) process.loadEnvFile('.env');
process.exitCode = await runCommand(await load(), {
  args,
  env: process.env,
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
