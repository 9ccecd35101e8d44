import { listenForChanges } from '#approvals/changes.ts';
import { LIMITS } from '#approvals/limits.ts';
import { createTouchedReader } from '#approvals/touched.ts';
import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { runRole } from '#process/run-role.ts';
import { checkCredentials, port, readSettings, refuseSecretsKey, refuseWriteToken, url } from '#process/settings.ts';
import { startMcpServer } from './server.ts';

// Entry of the MCP role: the only door for agents. It can read PagerDuty and has no way to write to it.
await runRole('mcp', async (log) => {
  const { env } = process;
  refuseWriteToken(env, 'mcp');
  refuseSecretsKey(env, 'mcp');
  const settings = readSettings(env);
  const basePort = port(env, 'COUNTERSIGN_PORT', 4600);
  const ownPort = port(env, env.PORT ? 'PORT' : 'COUNTERSIGN_MCP_PORT', basePort + 1);
  const publicUrl = url(env, 'COUNTERSIGN_PUBLIC_URL', `http://localhost:${basePort}`);
  const mcpUrl = url(env, 'COUNTERSIGN_MCP_URL', `http://localhost:${ownPort}/mcp`);
  const more = (env.COUNTERSIGN_MCP_HOSTS ?? '').split(',').map((name) => name.trim());
  const hosts = [new URL(publicUrl).hostname, new URL(mcpUrl).hostname, ...more.filter((name) => name !== '')];
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
    publicUrl,
    port: ownPort,
    host: env.COUNTERSIGN_HOST || '127.0.0.1',
    hosts,
  });

  return async () => {
    await server.close();
    await changes.close();
    await db.$client.end();
  };
});
