import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';

// The bare SDK as our MCP role uses it, with one tool that does nothing.
const handle = toNodeHandler(
  createMcpHandler(
    () => {
      const server = new Server({ name: 'echo', version: '1.0.0' }, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/list', () => ({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }));
      server.setRequestHandler('tools/call', async ({ params }) => ({
        content: [{ type: 'text', text: JSON.stringify(params.arguments) }],
      }));
      return server;
    },
    { legacy: 'stateless', responseMode: 'sse', maxSubscriptions: 0 },
  ),
);
const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});
process.once('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ url: `http://127.0.0.1:${address.port}/mcp` });
});
