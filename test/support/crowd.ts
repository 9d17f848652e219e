/** Many clients at once, each on a connection of its own. */
import { onTestFinished } from 'vitest';
import { RawConnection, type RawResponse } from './raw-http.ts';

/** How many connections are made at a time: fewer than a server keeps waiting. */
const WAVE = 250;

export interface Crowd {
  /** Sends a request on each connection in the same instant; resolves to the answers in the order of the connections. */
  ask(request: string | ((at: number) => string)): Promise<RawResponse[]>;
  close(): void;
}

/** Opens `size` connections, which are closed with {@link Crowd.close}. */
export async function openCrowd(url: string, size: number): Promise<Crowd> {
  const clients: RawConnection[] = [];
  while (clients.length < size) {
    const wave = Math.min(WAVE, size - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: wave }, () => RawConnection.open(url)))));
  }
  return {
    ask(request) {
      for (const [at, client] of clients.entries())
        client.send(typeof request === 'string' ? request : request(at));
      return Promise.all(clients.map((client) => client.receive()));
    },
    close() {
      for (const client of clients) client.destroy();
    },
  };
}

/** An answer, with when its request set off. */
export interface TimedAnswer {
  readonly startedAt: number;
  readonly response: RawResponse;
}

export interface Hammering {
  readonly answers: readonly TimedAnswer[];
  /** Resolves when there are `count` more answers than now. */
  more(count: number): Promise<void>;
  /** Lets the requests under way finish. */
  stop(): Promise<void>;
}

/** `callers` clients that ask again as soon as they are answered; they stop with the test at the latest. */
export async function hammer(url: string, callers: number, request: string): Promise<Hammering> {
  const answers: TimedAnswer[] = [];
  const waiting: { until: number; done: () => void }[] = [];
  let stopped = false;
  async function call(): Promise<void> {
    const client = await RawConnection.open(url);
    while (!stopped) {
      const startedAt = performance.now();
      const response = await client.send(request).receive();
      answers.push({ startedAt, response });
      for (const each of waiting) if (answers.length >= each.until) each.done();
    }
    client.destroy();
  }
  const running = Promise.all(Array.from({ length: callers }, call));
  running.catch(() => {});
  async function stop(): Promise<void> {
    stopped = true;
    await running;
  }
  onTestFinished(stop);
  return {
    answers,
    more: (count) =>
      Promise.race([
        new Promise<void>((done) => waiting.push({ until: answers.length + count, done })),
        running.then(() => {}),
      ]),
    stop,
  };
}
