import { createServer, type Server } from 'node:http';
import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { quiet } from './app.ts';
import { answer, answerHealth } from './health.ts';

/** Slack closes a socket from time to time; with two, the other one hears what is pressed meanwhile. */
const SOCKETS = 2;

export interface SocketOptions {
  appToken: string;
  /** With a slash at the end. */
  apiUrl: string;
  /** Where it says whether it is well, and nothing else. */
  host: string;
  port: number;
  /** Resolves when this process can do its work. */
  healthy: () => Promise<unknown>;
}

/** Slack's door over sockets that we open, for networks that nobody can reach from outside. */
export class SocketReceiver implements Receiver {
  readonly #sockets: SocketModeReceiver[];
  readonly #health: Server;
  readonly #options: SocketOptions;

  constructor(options: SocketOptions) {
    const { appToken, apiUrl: slackApiUrl, healthy } = options;
    this.#options = options;
    this.#health = createServer((request, response) => {
      if (request.url === '/healthz' && request.method === 'GET') void answerHealth(response, healthy);
      else answer(response, 404);
    });
    const installerOptions = { clientOptions: { slackApiUrl, logger: quiet } };
    this.#sockets = Array.from(
      { length: SOCKETS },
      // What failed is not acknowledged: Slack shows that nothing happened, or sends it again.
      () =>
        new SocketModeReceiver({
          appToken,
          logger: quiet,
          installerOptions,
          processEventErrorHandler: async () => false,
        }),
    );
  }

  init(app: App): void {
    for (const socket of this.#sockets) socket.init(app);
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#health.once('error', reject).listen(port, host, resolve);
    });
    await Promise.all(this.#sockets.map((socket) => socket.start()));
  }

  async stop(): Promise<void> {
    this.#health.close();
    await Promise.all(this.#sockets.map((socket) => socket.stop()));
  }
}
