/**
 * Replicas and their database are killed, stopped, paused and cut off from each other at random, while callers ask for keys
 * and an administrator changes what they may have. What came of it is then held against the promises.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { Administrator, type Caller, type Errand, runCaller, type Scene } from './chaos-cast.ts';
import { findViolations } from './chaos-findings.ts';
import { furnish } from './chaos-play.ts';
import { befallDatabase, befallReplica, type Happened, Slot } from './chaos-replicas.ts';
import { createMigratedDatabase } from './postgres-database.ts';
import { startInstance } from './postgres-instance.ts';
import { type Random, seeded } from './random.ts';

const REPLICAS = 3;
const CALLERS = 36;
const SLOWEST_MS = 15_000;
const RECOVERY_MS = 20_000;

export interface ChaosReport {
  readonly summary: string;
  /** What went against a promise; there should be nothing. */
  readonly violations: readonly string[];
  readonly deliveries: number;
  readonly happened: Happened;
  /** For how many seconds it happened: longer than was asked for where there was not enough of it. */
  readonly lasted: number;
}

export async function runChaos(seconds: number, seed: number): Promise<ChaosReport> {
  const violations: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-chaos-'));
  const cluster = await startInstance({ settings: { max_connections: '300' } });
  const database = await createMigratedDatabase({ server: cluster.url });
  const slots: Slot[] = [];
  onTestFinished(async () => {
    await Promise.all(slots.map((slot) => slot.end('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  });
  for (let at = 0; at < REPLICAS; at++) {
    slots.push(await Slot.open(cluster, database.url, folder, violations));
  }
  const survivor = slots[0]?.pid;
  const scene: Scene = {
    slots,
    random: seeded(seed + 1),
    violations,
    counts: new Map(),
    slowest: 0,
    lastReceivedAt: 0,
    stopped: false,
  };
  const administrator = new Administrator(scene, seeded(seed + 2));
  const play = await furnish(administrator, seeded(seed + 3));
  const callers = Array.from({ length: CALLERS }, (_, at): Caller => {
    return { address: `198.51.100.${at + 1}`, outcomes: [] };
  });
  const calling = callers.map((caller, at) =>
    runCaller(scene, caller, play.errands[at % play.errands.length] as () => Errand | null),
  );

  const happened: Happened = { kills: 0, stops: 0, pauses: 0, cuts: 0, outages: 0 };
  let over = false;
  let slowestReturn = 0;
  async function befallReplicas(random: Random): Promise<void> {
    while (!over) {
      await sleep(random.between(100, 700));
      const slot = random.pick(slots);
      await befallReplica(slot, slot !== slots[0], random, happened, violations);
    }
  }
  async function befallDatabases(random: Random): Promise<void> {
    while (!over) {
      await sleep(random.between(500, 4_000));
      await befallDatabase(cluster, random, happened);
      const backAt = performance.now();
      while (scene.lastReceivedAt <= backAt && performance.now() - backAt < RECOVERY_MS) await sleep(20);
      slowestReturn = Math.max(slowestReturn, scene.lastReceivedAt - backAt);
      if (scene.lastReceivedAt <= backAt)
        violations.push(`nothing was delivered for ${RECOVERY_MS} ms after an outage`);
    }
  }
  const befalling = [befallReplicas(seeded(seed + 4)), befallDatabases(seeded(seed + 5))];
  const changing = play.change(() => over);
  const begun = performance.now();
  await sleep(seconds * 1_000);
  // A slow machine has fewer mishaps in that time: it goes on until there were enough.
  const longest = performance.now() + seconds * 1_000;
  while (!isEnough(happened, seconds) && performance.now() < longest) await sleep(100);
  over = true;
  const lasted = (performance.now() - begun) / 1_000;
  await Promise.all(befalling);
  await changing;
  await sleep(1_000);
  const recovered = await Promise.all(slots.map((slot) => recover(slot, play.steady)));
  scene.stopped = true;
  await Promise.all(calling);

  if (recovered.includes(null))
    violations.push('a replica did not come back by itself after the last outage');
  if (slots[0]?.pid !== survivor) violations.push('the replica that nobody ended is another process now');
  if (scene.slowest > SLOWEST_MS) violations.push(`an answer took ${Math.round(scene.slowest)} ms`);
  const codes = await Promise.all(slots.map((slot) => slot.end('SIGTERM')));
  if (codes.some((code) => code !== 0)) violations.push(`the replicas ended with ${codes.join(', ')}`);
  await cluster.kill();
  await cluster.start();
  const found = await findViolations(database, callers, play.limits);
  violations.push(...found.violations);

  const { kills, stops, pauses, cuts, outages } = happened;
  const summary = [
    `chaos of ${seconds} s, seed ${seed}: ${found.received} deliveries received, ${found.rows} recorded`,
    `${found.unanswered} requests without an outcome, ${found.rows - found.received} of them charged`,
    `replicas: ${kills} kills, ${stops} stops, ${pauses} pauses, ${cuts} cuts; ${outages} outages of the database`,
    `${administrator.changes} changes, ${administrator.failures} failed`,
    [...scene.counts].map(([outcome, times]) => `${times} × ${outcome}`).join(', '),
    `slowest answer ${Math.round(scene.slowest)} ms, slowest return after an outage ${Math.round(slowestReturn)} ms`,
  ].join('; ');
  return { summary, violations, deliveries: found.received, happened, lasted };
}

/** How long it takes until the replica delivers; null where it does not. */
async function recover(slot: Slot, { service, token }: Errand): Promise<number | null> {
  const from = performance.now();
  while (performance.now() - from < RECOVERY_MS) {
    const answer = await fetch(`${slot.url}/api/next?service=${service}`, {
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': '198.51.100.200' },
    }).catch(() => null);
    if (answer?.status === 200) return performance.now() - from;
    await sleep(50);
  }
  return null;
}

/** Whether as much has happened as so many seconds of chaos are to have. */
function isEnough({ kills, stops, pauses, cuts, outages }: Happened, seconds: number): boolean {
  return kills + stops + pauses + cuts > seconds / 5 && outages > seconds / 15;
}
