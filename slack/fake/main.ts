import { startFakeSlack } from './server.ts';

// Entry of the playable Slack. Where clicks go to is the app's own door, e.g. http://127.0.0.1:4602/slack/events.
const fake = await startFakeSlack({
  port: Number(process.env.PORT ?? 0),
  deliverTo: process.env.SLACK_DELIVER_TO || null,
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
