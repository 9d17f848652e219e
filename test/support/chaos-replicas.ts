/** The replicas and the database of the chaos test, and what befalls them. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './postgres-cluster.ts';
import { queryAt } from './postgres-database.ts';
import { commits } from './postgres-failures.ts';
import type { Random } from './random.ts';
import { replicaOptions } from './replicas.ts';
import { type RunningService, runService } from './run-service.ts';
import { createTcpProxy, type TcpProxy, type Verdict } from './tcp-proxy.ts';

/** How often a start is tried again: a replica gives up when it has not reached the database for half a minute. */
const STARTS = 3;

/** For half a second ends each session of that name which is in a transaction while its client does something else. */
const END_WAITING_SESSIONS = `
DO $$ BEGIN
  FOR round IN 1..100 LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'NAME' AND state = 'idle in transaction';
    PERFORM pg_sleep(0.005);
  END LOOP;
END $$`;

/** The place of a replica, which other processes take in turn, with a network of its own to the database. */
export class Slot {
  readonly proxy: TcpProxy;
  readonly #name: string;
  readonly #databaseUrl: string;
  readonly #options: Parameters<typeof runService>[0];
  readonly #violations: string[];
  readonly #stops: { readonly from: number; until: number }[] = [];
  #running: RunningService | null = null;
  #ending = false;

  private constructor(
    proxy: TcpProxy,
    databaseUrl: string,
    options: Parameters<typeof runService>[0],
    violations: string[],
  ) {
    this.proxy = proxy;
    this.#name = `replica-${proxy.port}`;
    this.#databaseUrl = databaseUrl;
    this.#options = options;
    this.#violations = violations;
  }

  static async open(cluster: Cluster, databaseUrl: string, folder: string, violations: string[]) {
    const proxy = await createTcpProxy({ host: cluster.host, port: cluster.port });
    const url = new URL(databaseUrl);
    url.port = String(proxy.port);
    url.searchParams.set('application_name', `replica-${proxy.port}`);
    const options = replicaOptions(folder, url.href);
    const env = { ...options.env, KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1/32', LOG_LEVEL: 'error' };
    const slot = new Slot(proxy, databaseUrl, { ...options, env }, violations);
    await slot.start();
    return slot;
  }

  /** Null while no replica serves here. */
  get url(): string | null {
    return this.#running?.url ?? null;
  }

  get pid(): number | null {
    return this.#running?.pid ?? null;
  }

  get rootToken(): string {
    return this.#options.env?.KEYROTATOR_ROOT_TOKEN as string;
  }

  async start(): Promise<void> {
    for (let left = STARTS; ; left--) {
      try {
        const running = await runService(this.#options);
        this.#ending = false;
        this.#running = running;
        void running.ended.then((code) => {
          if (!this.#ending) {
            this.#running = null;
            this.#violations.push(
              `a replica ended by itself with ${code}: ${running.output.stderr.slice(-3_000)}`,
            );
          }
        });
        return;
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  /** Resolves with the exit code, null where a signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const running = this.#running;
    if (running === null) return 0;
    this.#ending = true;
    if (signal === 'SIGKILL') this.#running = null;
    const code = await running.end(signal);
    this.#running = null;
    return code;
  }

  /** Stops the process where it is, for a time. */
  async stop(ms: number): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    const stop = { from: performance.now(), until: Number.POSITIVE_INFINITY };
    this.#stops.push(stop);
    running.process.kill('SIGSTOP');
    await sleep(ms);
    running.process.kill('SIGCONT');
    stop.until = performance.now();
  }

  /** Has the server end its sessions in the middle of what they do. */
  async endSessions(): Promise<void> {
    await queryAt(this.#databaseUrl, END_WAITING_SESSIONS.replace('NAME', this.#name)).catch(() => {});
  }

  /** How much of a time the process was not stopped. */
  awake(from: number, until: number): number {
    let asleep = 0;
    for (const stop of this.#stops) {
      asleep += Math.max(0, Math.min(until, stop.until) - Math.max(from, stop.from));
    }
    return until - from - asleep;
  }
}

export interface Happened {
  kills: number;
  stops: number;
  pauses: number;
  cuts: number;
  outages: number;
}

/** Something happens to a replica; resolves when it is over. Where `mayEnd` is false, its process goes on. */
export async function befallReplica(
  slot: Slot,
  mayEnd: boolean,
  random: Random,
  happened: Happened,
  violations: string[],
): Promise<void> {
  const ends = mayEnd ? (['kill', 'kill', 'kill', 'stop'] as const) : [];
  switch (random.pick([...ends, 'pause', 'cut', 'lose', 'lose', 'end', 'freeze'] as const)) {
    case 'kill':
      happened.kills++;
      await slot.end('SIGKILL');
      await sleep(random.between(0, 800));
      return slot.start();
    case 'stop': {
      happened.stops++;
      const code = await slot.end('SIGTERM');
      if (code !== 0) violations.push(`a replica ended with ${code} after SIGTERM`);
      return slot.start();
    }
    case 'pause':
      happened.pauses++;
      return slot.stop(random.between(300, 4_000));
    case 'cut':
      happened.cuts++;
      return slot.proxy.cut();
    case 'lose':
      happened.cuts++;
      return loseCommits(
        slot.proxy,
        random.pick<Verdict>(['cut-after', 'cut-after', 'cut-before', 'swallow-reply']),
      );
    case 'end':
      happened.cuts++;
      return slot.endSessions();
    case 'freeze':
      happened.cuts++;
      slot.proxy.freeze();
      await sleep(random.between(200, 3_000));
      return slot.proxy.thaw();
  }
}

/** For half a second each commit comes to that. */
async function loseCommits(proxy: TcpProxy, verdict: Verdict): Promise<void> {
  proxy.onClientData((bytes) => (commits(bytes) ? verdict : 'pass'));
  await sleep(500);
  proxy.onClientData(null);
}

/** Something happens to the database; resolves when it is there again. */
export async function befallDatabase(cluster: Cluster, random: Random, happened: Happened): Promise<void> {
  happened.outages++;
  switch (random.pick(['fast', 'immediate', 'kill', 'kill', 'pause', 'terminate'] as const)) {
    case 'fast':
      await cluster.stop('fast');
      break;
    case 'immediate':
      await cluster.stop('immediate');
      break;
    case 'kill':
      await cluster.kill();
      break;
    case 'pause':
      await cluster.pause();
      await sleep(random.between(300, 4_000));
      return cluster.resume();
    case 'terminate':
      await queryAt(
        cluster.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'replica-%'",
      );
      return;
  }
  await sleep(random.between(0, 1_500));
  await cluster.start();
}
