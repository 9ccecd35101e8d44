import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { listFor } from '#mcp/catalogue.ts';
import { TOOLSETS, type Toolset } from '#pagerduty/toolsets.ts';
import { answerAboutMemory } from './memory.ts';

// The bare SDK as our MCP role uses it. It lists the same tools, and has one that answers at once and one that waits.
const tools = listFor({ toolsets: Object.keys(TOOLSETS) as Toolset[], canWrite: true });
const waiting = new Set<() => void>();
const handle = toNodeHandler(
  createMcpHandler(
    () => {
      const server = new Server({ name: 'bare', version: '1.0.0' }, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/list', () => ({ tools }));
      server.setRequestHandler('tools/call', async ({ params }) => {
        if (params.name === 'wait') await new Promise<void>((done) => waiting.add(done));
        return { content: [{ type: 'text', text: JSON.stringify(params.arguments) }] };
      });
      return server;
    },
    { legacy: 'stateless', responseMode: 'sse', maxSubscriptions: 0 },
  ),
);
const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});
// As long as our MCP role keeps a connection, so that none is closed just when it is taken up.
server.keepAliveTimeout = 65_000;
process.once('disconnect', () => process.exit(0));
process.on('message', (message) => {
  if (message !== 'release') return;
  for (const done of waiting) done();
  waiting.clear();
});
answerAboutMemory(() => waiting.size);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ url: `http://127.0.0.1:${address.port}/mcp` });
});
