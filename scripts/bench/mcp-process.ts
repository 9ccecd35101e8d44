import { listenForChanges } from '#approvals/changes.ts';
import { createTouchedReader } from '#approvals/touched.ts';
import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import { startMcpServer } from '#mcp/server.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { createLog } from '#process/log.ts';
import { roleSettings } from '#process/settings/roles.ts';
import { LIFTED, remembering } from './ground.ts';
import { answerAboutMemory } from './memory.ts';

// The MCP role as its own entry makes it, with other limits and waits, and with answers about its memory.
const settings = roleSettings('mcp', process.env);
const log = createLog('mcp');
const db = connect(settings.databaseUrl);
const client = createReadClient({ baseUrl: settings.pagerdutyUrl, token: settings.readToken });
const pagerduty = process.env.BENCH_READS === 'memory' ? remembering(client) : client;
const changes = listenForChanges({ url: settings.databaseUrl, db, log });
const server = await startMcpServer({
  ctx: {
    db,
    pagerduty,
    onCall: createOnCallReader(pagerduty),
    touched: createTouchedReader(pagerduty),
    now: databaseClock,
    limits: LIFTED,
    secretsKey: null,
    toolsets: null,
    log,
  },
  changes,
  publicUrl: 'http://localhost:4600',
  waits: { openMs: 0, waitLongestMs: 240_000 },
});

process.once('disconnect', () => process.exit(0));
answerAboutMemory(server.waiting);
process.send?.({ url: server.url });
