import { join } from 'node:path';
import { startFakePagerDuty } from './server/server.ts';

const folder = process.env.COUNTERSIGN_DATA;

const fake = await startFakePagerDuty({
  port: Number(process.env.PORT ?? 0),
  stateFile: folder === undefined ? undefined : join(folder, 'playable-pagerduty.json'),
  quiet: false,
});

async function stop(): Promise<void> {
  await fake.close();
  process.exit(0);
}

process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// A supervisor that dies leaves nobody to stop this process.
process.on('disconnect', () => void stop());
process.send?.({ ready: true, url: fake.url });
