import { listenForChanges } from '#approvals/changes.ts';
import { LIMITS } from '#approvals/limits.ts';
import { storedTouched } from '#approvals/stored-touched.ts';
import { storedOnCall } from '#approvals/summons/stored-on-call.ts';
import { countWaiting } from '#approvals/views/queries.ts';
import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import { runRole } from '#process/run-role.ts';
import { roleSettings } from '#process/settings/roles.ts';
import { checkToken } from './check.ts';
import { createSlackApp, createSlackClient } from './incoming/app.ts';
import { SignedReceiver } from './incoming/receiver.ts';
import { SocketReceiver } from './incoming/socket.ts';
import { runNotifier } from './outgoing/notifier.ts';
import { ownTeam } from './team.ts';

// Entry of the slack role: messages out, clicks in. It has no PagerDuty credential at all.
await runRole('slack', async (log) => {
  const settings = roleSettings('slack', process.env);
  const { databaseUrl, publicUrl, botToken: token, inbound, channel, apiUrl, host, port } = settings;
  // A click that has to wait longer for a lock looks failed to whoever pressed: better to say so and let them repeat it.
  const db = connect(databaseUrl, { statementTimeoutMs: 1_500 });
  const changes = listenForChanges({ url: databaseUrl, db, log });
  const store = { db, now: databaseClock, limits: LIMITS, log };
  const ctx = { ...store, onCall: storedOnCall(store), touched: storedTouched(store) };
  const client = createSlackClient({ token, apiUrl });
  const team = ownTeam(client);
  await checkToken(team, log);
  const where = { host, port, healthy: () => countWaiting(ctx) };
  const receiver =
    inbound.mode === 'http'
      ? new SignedReceiver({ ...where, signingSecret: inbound.signingSecret, log })
      : new SocketReceiver({ ...where, appToken: inbound.appToken, apiUrl });
  createSlackApp({ receiver, serving: { ctx, team, channel, publicUrl }, token, apiUrl });
  await receiver.start();
  const notifier = runNotifier({ ctx, client, team, changes, channel, publicUrl });
  return async () => {
    await Promise.all([receiver.stop(), notifier.stop()]);
    await changes.close();
    await db.$client.end();
  };
});
