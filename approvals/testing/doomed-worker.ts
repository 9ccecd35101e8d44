import { connect } from '#db/connection.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { createWriteClient } from '#pagerduty/write-client.ts';
import { silentLog } from '#process/log.ts';
import { roleSettings } from '#process/settings/roles.ts';
import { listenForChanges } from '../changes.ts';
import { LIMITS, type Limits } from '../limits.ts';
import { createTouchedReader } from '../touched.ts';
import { runWorker } from '../worker.ts';
import { movedClock } from './moved-clock.ts';

// A worker process like `main.ts` makes one, with three differences that only a test may ask for: other limits, a clock
// that the test moves, and the point at which it kills itself, as hard as anybody could from outside.
const settings = roleSettings('worker', process.env);
const limits: Limits = { ...LIMITS, ...JSON.parse(process.env.DOOMED_LIMITS ?? '') };
const db = connect(settings.databaseUrl, { max: 4 });
const pagerduty = createReadClient({ baseUrl: settings.pagerdutyUrl, token: settings.readToken, tries: 1 });
const writer = createWriteClient({
  baseUrl: process.env.DOOMED_WRITE_URL ?? settings.pagerdutyUrl,
  token: settings.writeToken,
  timeoutMs: limits.callTimeoutSeconds * 1000,
});
const log = silentLog;
const changes = listenForChanges({ url: settings.databaseUrl, db, log });
const ctx = {
  db,
  pagerduty,
  onCall: createOnCallReader(pagerduty),
  touched: createTouchedReader(pagerduty),
  now: movedClock,
  limits,
  secretsKey: settings.secretsKey,
  toolsets: null,
  log,
};
// The test went away: nobody would end this process any more.
process.once('disconnect', () => process.exit(1));
runWorker({
  ctx,
  writer,
  changes,
  pollMs: 100,
  at: (point) => {
    if (point === process.env.DOOMED_AT) process.kill(process.pid, 'SIGKILL');
  },
});
process.send?.({ ready: true });
