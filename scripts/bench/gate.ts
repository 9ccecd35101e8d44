import { createServer, connect as dial } from 'node:net';

/** Stands before PagerDuty and notices the first byte of every write. */
export async function startGate(pagerdutyUrl: string) {
  const { hostname, port } = new URL(pagerdutyUrl);
  let noticed: (atMs: number) => void = () => undefined;
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    client.setNoDelay().on('error', () => upstream.destroy());
    upstream.setNoDelay().on('error', () => client.destroy());
    client.on('data', (chunk) => {
      if (chunk.subarray(0, 5).toString('latin1') === 'POST ') noticed(performance.now());
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** When the next write's first byte passed, by `performance.now()`. */
    nextWrite: () =>
      new Promise<number>((done) => {
        noticed = done;
      }),
    close: () => server.close(),
  };
}
