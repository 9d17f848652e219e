/** Batches, commits and failures, and what the engine tells of itself when it is asked. */
import type { Registry } from 'prom-client';
import { ERROR_CLASSES } from '../../storage/error-class.ts';
import { CACHES, type CacheVitals, type EngineVitals, type PoolVitals } from '../../storage/vitals.ts';
import { histogram } from './histogram.ts';
import { byName, counter, gauge, type Sample, value, zeros } from './samples.ts';

const COMMIT_BOUNDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1, 10];

export type StorageMetrics = ReturnType<typeof createStorageMetrics>;

/** `vitals`: null until there is an engine. */
export function createStorageMetrics(registry: Registry, vitals: () => EngineVitals | null) {
  const failures = zeros(ERROR_CLASSES);
  const batchSize = histogram(registry, {
    name: 'keyrotator_batch_deliveries',
    help: 'Deliveries that shared a commit.',
    bounds: [1, 4, 16, 64, 256, 1024],
  });
  const commitSeconds = histogram(registry, {
    name: 'keyrotator_commit_seconds',
    help: 'From setting off a batch to having it on disk.',
    bounds: COMMIT_BOUNDS,
  });
  const syncSeconds = histogram(registry, {
    name: 'keyrotator_sync_seconds',
    help: 'The part of a commit that waits for the disk. SQLite only.',
    bounds: COMMIT_BOUNDS,
  });
  counter(registry, {
    name: 'keyrotator_storage_failures_total',
    help: 'Batches and connections that storage failed, by class of error.',
    labelNames: ['class'],
    read: () => byName('class', failures),
  });
  gauge(registry, {
    name: 'keyrotator_deliveries_waiting',
    help: 'Deliveries that are neither recorded nor refused yet.',
    read: () => value(vitals()?.deliveriesWaiting ?? 0),
  });
  gauge(registry, {
    name: 'keyrotator_leader',
    help: '1 where this process does what one does for all.',
    read: () => value(vitals()?.leads ? 1 : 0),
  });
  describeCaches(registry, vitals);
  describePools(registry, vitals);
  return { failures, batchSize, commitSeconds, syncSeconds };
}

function describeCaches(registry: Registry, vitals: () => EngineVitals | null): void {
  const ofCaches = (member: keyof CacheVitals) => (): readonly Sample[] => {
    const caches = vitals()?.caches;
    return CACHES.map((cache) => [{ cache }, caches?.[cache][member] ?? 0]);
  };
  const labelNames = ['cache'];
  gauge(registry, {
    name: 'keyrotator_cache_entries',
    help: 'What each cache of the configuration holds.',
    labelNames,
    read: ofCaches('entries'),
  });
  counter(registry, {
    name: 'keyrotator_cache_hits_total',
    help: 'Look-ups that memory could answer.',
    labelNames,
    read: ofCaches('hits'),
  });
  counter(registry, {
    name: 'keyrotator_cache_misses_total',
    help: 'Look-ups that had to wait for the database.',
    labelNames,
    read: ofCaches('misses'),
  });
  counter(registry, {
    name: 'keyrotator_cache_evictions_total',
    help: 'Entries that went for want of room.',
    labelNames,
    read: ofCaches('evictions'),
  });
}

function describePools(registry: Registry, vitals: () => EngineVitals | null): void {
  const ofPools = (samples: (pool: PoolVitals) => readonly Sample[]) => () =>
    (vitals()?.pools ?? []).flatMap(samples);
  gauge(registry, {
    name: 'keyrotator_database_connections',
    help: 'Connections to PostgreSQL.',
    labelNames: ['pool', 'state'],
    read: ofPools(({ pool, busy, idle }) => [
      [{ pool, state: 'busy' }, busy],
      [{ pool, state: 'idle' }, idle],
    ]),
  });
  gauge(registry, {
    name: 'keyrotator_database_connections_max',
    help: 'How many connections to PostgreSQL a pool may have.',
    labelNames: ['pool'],
    read: ofPools(({ pool, max }) => [[{ pool }, max]]),
  });
  gauge(registry, {
    name: 'keyrotator_database_connections_wanted',
    help: 'Who waits for a connection to PostgreSQL.',
    labelNames: ['pool'],
    read: ofPools(({ pool, waiting }) => [[{ pool }, waiting]]),
  });
}
