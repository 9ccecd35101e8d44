import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Started } from './ground.ts';

const BOUND_MS = 60_000;

interface Memory {
  rss: number;
  /** On the heap and in buffers. */
  live: number;
  waiting: number;
}

/** Lets the process that started this one learn how many calls wait, and what they cost. */
export function answerAboutMemory(waiting: () => number): void {
  process.on('message', (question) => {
    if (question !== 'waiting' && question !== 'memory') return;
    if (question === 'memory') {
      globalThis.gc?.();
      globalThis.gc?.();
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send?.({ rss, live: heapUsed + external, waiting: waiting() } satisfies Memory);
  });
}

async function inquire({ child }: Started, question: 'waiting' | 'memory'): Promise<Memory> {
  child.send(question);
  const [memory] = await once(child, 'message');
  return memory;
}

/** Resolves once that many calls are held. */
export async function untilWaiting(server: Started, calls: number): Promise<void> {
  const giveUpAt = performance.now() + BOUND_MS;
  for (;;) {
    const { waiting } = await inquire(server, 'waiting');
    if (waiting === calls) return;
    if (performance.now() > giveUpAt) throw new Error(`${waiting} calls wait instead of ${calls}`);
    await setTimeout(20);
  }
}

/** After a collection of garbage. */
export const memoryOf = (server: Started): Promise<Memory> => inquire(server, 'memory');
