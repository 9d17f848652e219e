/** What an engine can tell of itself at any moment, for the metrics. Counts are since the start. */

export const CACHES = ['credentials', 'tenants', 'apps', 'services'] as const;
export type CacheName = (typeof CACHES)[number];

/** `entries` are those that are there; what is known to be missing is not among them. */
export interface CacheVitals {
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

/** Connections to a database server; `waiting` is who waits for one of them. */
export interface PoolVitals {
  readonly pool: 'readers' | 'units' | 'loaders' | 'lanes';
  readonly max: number;
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
}

export interface EngineVitals {
  /** Deliveries that were asked for and are neither recorded nor refused yet. */
  readonly deliveriesWaiting: number;
  /** Whether this process does what one does for all. */
  readonly leads: boolean;
  readonly caches: Readonly<Record<CacheName, CacheVitals>>;
  /** Empty where there is no server. */
  readonly pools: readonly PoolVitals[];
}

/** In bytes; null where it cannot be told. */
export interface Space {
  readonly database: number;
  /** What is written ahead of the database, in a file of its own. */
  readonly log: number | null;
  /** What the file system has left for this user. */
  readonly free: number | null;
}
