import { listenForChanges } from '#approvals/changes.ts';
import { databaseClock } from '#approvals/context.ts';
import { LIMITS } from '#approvals/limits.ts';
import { createLog } from '#approvals/log.ts';
import { countWaiting } from '#approvals/queries.ts';
import { refuseSecretsKey, refuseWriteToken, runRole } from '#approvals/settings.ts';
import { connect } from '#db/connection.ts';
import { createSlackApp, createSlackClient } from './app.ts';
import { runNotifier } from './notifier.ts';
import { readSlackSettings } from './settings.ts';

// Entry of the slack role: messages out, clicks in. It has no PagerDuty credential at all.
const log = createLog('slack');

await runRole(log, async () => {
  refuseWriteToken(process.env, 'slack');
  refuseSecretsKey(process.env, 'slack');
  const { databaseUrl, publicUrl, botToken, signingSecret, channel, apiUrl, host, port } = readSlackSettings(
    process.env,
  );
  const db = connect(databaseUrl);
  const changes = listenForChanges({ url: databaseUrl, db, log });
  const ctx = { db, now: databaseClock, limits: LIMITS, secretsKey: null, toolsets: null, log };
  const client = createSlackClient({ token: botToken, apiUrl });
  const receiver = createSlackApp({
    token: botToken,
    signingSecret,
    host,
    port,
    log,
    healthy: () => countWaiting(ctx),
  });
  await receiver.start();
  const notifier = runNotifier({ ctx, client, changes, channel, publicUrl });

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await Promise.all([receiver.stop(), notifier.stop()]);
    await changes.close();
    await db.$client.end();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  // The supervisor is gone: nobody would stop or restart this process any more.
  process.once('disconnect', () => void stop());
  log.info('ready');
  process.send?.({ ready: true });
});
