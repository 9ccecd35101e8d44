import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { createWriteClient } from '#pagerduty/write-client.ts';
import { checkCredentials } from '#process/credentials.ts';
import { runRole } from '#process/run-role.ts';
import { roleSettings } from '#process/settings/roles.ts';
import { listenForChanges } from './changes.ts';
import { LIMITS } from './limits.ts';
import { createTouchedReader } from './touched.ts';
import { runWorker } from './worker.ts';

// Entry of the worker role: the sender, the clock and the settler. The only process with the write credential.
await runRole('worker', async (log) => {
  const settings = roleSettings('worker', process.env);
  await checkCredentials(settings, log);
  const db = connect(settings.databaseUrl);
  const pagerduty = createReadClient({ baseUrl: settings.pagerdutyUrl, token: settings.readToken });
  const writer = createWriteClient({
    baseUrl: settings.pagerdutyUrl,
    token: settings.writeToken,
    timeoutMs: LIMITS.callTimeoutSeconds * 1000,
  });
  const changes = listenForChanges({ url: settings.databaseUrl, db, log });
  const ctx = {
    db,
    pagerduty,
    onCall: createOnCallReader(pagerduty),
    touched: createTouchedReader(pagerduty),
    now: databaseClock,
    limits: LIMITS,
    secretsKey: settings.secretsKey,
    toolsets: settings.toolsets,
    log,
  };
  const worker = runWorker({ ctx, writer, changes });

  return async () => {
    await worker.stop();
    await changes.close();
    await db.$client.end();
  };
});
