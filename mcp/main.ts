import { listenForChanges } from '#approvals/changes.ts';
import { LIMITS } from '#approvals/limits.ts';
import { createTouchedReader } from '#approvals/touched.ts';
import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { checkCredentials } from '#process/credentials.ts';
import { runRole } from '#process/run-role.ts';
import { roleSettings } from '#process/settings/roles.ts';
import { startMcpServer } from './server.ts';

// Entry of the MCP role: the only door for agents. It can read PagerDuty and has no way to write to it.
await runRole('mcp', async (log) => {
  const settings = roleSettings('mcp', process.env);
  await checkCredentials(settings, log);

  const db = connect(settings.databaseUrl);
  const pagerduty = createReadClient({ baseUrl: settings.pagerdutyUrl, token: settings.readToken });
  const changes = listenForChanges({ url: settings.databaseUrl, db, log });
  const server = await startMcpServer({
    ctx: {
      db,
      pagerduty,
      onCall: createOnCallReader(pagerduty),
      touched: createTouchedReader(pagerduty),
      now: databaseClock,
      limits: LIMITS,
      secretsKey: null,
      toolsets: settings.toolsets,
      log,
    },
    changes,
    publicUrl: settings.publicUrl,
    port: settings.port,
    host: settings.host,
    hosts: settings.hosts,
  });

  return async () => {
    await server.close();
    await changes.close();
    await db.$client.end();
  };
});
