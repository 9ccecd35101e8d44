import { startTestServer, TEST_SERVER_VARIABLE } from '#db/test-database.ts';

/** One server for the whole run; each test file clones its own databases from it. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer();
  process.env[TEST_SERVER_VARIABLE] = server.url;
  return async () => {
    delete process.env[TEST_SERVER_VARIABLE];
    await server.stop();
  };
}
