/**
 * What deliveries are decided upon, as this replica remembers it. Other replicas change the truth, so nothing here counts
 * until it was compared under the lock of the tenant's row: the configuration by its version, the counters by the place of
 * the tenant's last delivery.
 */
import { LRUCache } from 'lru-cache';
import type { ProcessReading } from '../../domain/clock.ts';
import type { Credential } from '../../domain/judge.ts';
import {
  type AppSubject,
  type DeliveryState,
  loadApp,
  loadCredential,
  loadTenant,
  type ServiceSubject,
  type TenantConfig,
} from '../configuration.ts';
import { openAppDay, openServiceDay } from '../counting.ts';
import type { DeliveryLookup } from '../engine.ts';
import { growingCache } from '../growing-cache.ts';
import { loadService } from '../load-service.ts';
import { type Epochs, OnDemandCache } from '../on-demand-cache.ts';
import { Buckets } from '../rate-limits.ts';
import type { Reader } from '../rows.ts';
import type { EngineVitals } from '../vitals.ts';

/** Of services, so many as these keys belong to. */
const MAX = { credentials: 100_000, tenants: 10_000, apps: 50_000, keys: 200_000 };
/** How long something is held to be missing before the database is asked again. */
const MISSING_MS = 1_000;
/** Before every place in the order of deliveries. */
const UNKNOWN = -1;
/** After every place: until a tenant's row was compared under its lock, no counter of it is known to be true. */
const NOT_COMPARED = Number.POSITIVE_INFINITY;
/** How often a load is repeated that came from before what is known already. */
const MAX_STALE_LOADS = 3;

/** A tenant's row as it was when it was last seen locked or loaded. */
export interface Head {
  readonly config_version: number;
  readonly last_seq: number;
}

interface Mark {
  configVersion: number;
  /** The number of the change that brought this version: what was loaded in another epoch counts as not loaded. */
  epoch: number;
  /** The epoch in which the tenant came to be known: nothing is to be taken over from before. */
  readonly since: number;
  lastSeq: number;
  /** Counters that were true before this place in the order of deliveries are not any more. */
  trueSince: number;
  /** Whether somebody else had delivered when the row was compared last. */
  shared: boolean;
}

export class Subjects {
  readonly #marks = new LRUCache<number, Mark>({
    max: MAX.tenants,
    dispose: (_mark, _tenantId, reason) => {
      if (reason === 'evict') this.#changes++;
    },
  });
  /** A service or an app → the place of the tenant's delivery as of which its counters were read or moved. */
  readonly #asOf = new WeakMap<object, number>();
  /** Changes of what is known of tenants, lost knowledge among them. */
  #changes = 0;
  /** Whose a token is: the one thing about it that never changes. */
  readonly #owners = growingCache<string, number>(MAX.credentials);
  readonly #buckets = new Buckets();
  readonly #credentials: OnDemandCache<Credential, Uint8Array>;
  readonly #tenants: OnDemandCache<TenantConfig, number>;
  readonly #apps: OnDemandCache<AppSubject, { tenantId: number; id: number }>;
  readonly #services: OnDemandCache<ServiceSubject, { tenantId: number; slug: string }>;

  constructor(read: Reader) {
    const epochs = <V>(tenantOf: (value: V) => number): Epochs<V> => ({
      latest: () => this.#changes,
      of: (value) => this.#marks.get(tenantOf(value))?.epoch ?? -1,
      knownSince: (value) => this.#marks.get(tenantOf(value))?.since ?? Number.POSITIVE_INFINITY,
    });
    const missingMs = MISSING_MS;
    this.#credentials = new OnDemandCache({
      max: MAX.credentials,
      missingMs,
      load: (digest) => this.#loadCredential(read, digest),
      epochs: epochs((credential) => credential.tenant_id),
    });
    this.#tenants = new OnDemandCache({
      max: MAX.tenants,
      missingMs,
      load: (id) => this.#load(read, id, (snapshot) => loadTenant(snapshot, id)),
      epochs: epochs((tenant) => tenant.id),
    });
    this.#apps = new OnDemandCache({
      max: MAX.apps,
      missingMs,
      load: ({ tenantId, id }) =>
        this.#load(read, tenantId, (snapshot) => loadApp(snapshot, id, this.#buckets)),
      epochs: epochs((app) => app.config.tenant_id),
    });
    this.#services = new OnDemandCache({
      max: MAX.keys,
      missingMs,
      load: ({ tenantId, slug }, known) => this.#loadService(read, tenantId, slug, known),
      epochs: epochs((service) => service.config.tenant_id),
      sizeOf: (service) => service.config.keys.size,
    });
  }

  /** The tenant of a token that was known once; undefined where it was not. */
  ownerOf(lookup: DeliveryLookup): number | undefined {
    return this.#owners.get(lookup.token);
  }

  /** The state to decide upon, its days not yet opened, or a promise of what has to be loaded before asking again. */
  find(lookup: DeliveryLookup, time: ProcessReading): DeliveryState | Promise<void> {
    const credential = this.#credentials.peek(lookup.token);
    if (credential === undefined) return this.#credentials.load(lookup.token, lookup.digest());
    if (credential === null) return { time, credential: null, tenant: null, app: null, service: null };
    if (!this.#owners.has(lookup.token)) this.#owners.set(lookup.token, credential.tenant_id);
    const { tenant_id: tenantId, app_id: appId } = credential;
    const tenant = this.#tenants.peek(String(tenantId));
    if (tenant === undefined) return this.#tenants.load(String(tenantId), tenantId);
    const app = appId === null ? null : this.#apps.peek(String(appId));
    if (app === undefined) return this.#apps.load(String(appId), { tenantId, id: appId as number });
    const name = `${tenantId}/${lookup.service}`;
    const service = this.#services.peek(name);
    if (service === undefined) return this.#services.load(name, { tenantId, slug: lookup.service });
    return { time, credential, tenant, app, service };
  }

  /** Opens the days that a decision counts in. To be called under the lock, with counters that are true. */
  openDays({ service, app, time }: DeliveryState): void {
    if (service !== null) openServiceDay(service, time.settled);
    if (app !== null) openAppDay(app, time.settled);
  }

  /**
   * Compares with the tenant's locked row: what is remembered from another version, or from before another's delivery, is
   * out of date. A row that is behind what is remembered is that of a database which has lost something: then nothing
   * counts. Returns whether nobody else has delivered in between.
   */
  compare(tenantId: number, head: Head): boolean {
    const known = this.#marks.get(tenantId);
    const behind =
      known !== undefined && (known.configVersion > head.config_version || known.lastSeq > head.last_seq);
    if (behind) this.forget(tenantId);
    const mark = this.#note(tenantId, head.config_version);
    const alone = mark.lastSeq === head.last_seq || mark.lastSeq === UNKNOWN;
    mark.shared = !alone;
    if (mark.lastSeq !== head.last_seq || mark.trueSince === NOT_COMPARED) mark.trueSince = head.last_seq;
    mark.lastSeq = head.last_seq;
    return alone;
  }

  /** Whether others deliver of the tenant, as far as the last comparison tells. */
  isShared(tenantId: number): boolean {
    return this.#marks.get(tenantId)?.shared ?? false;
  }

  /** The tenant's row as it was last seen; null where it was not. */
  head(tenantId: number): Head | null {
    const mark = this.#marks.get(tenantId);
    if (mark === undefined || mark.lastSeq === UNKNOWN) return null;
    return { config_version: mark.configVersion, last_seq: mark.lastSeq };
  }

  /** Whether the counters of a service or an app are those of the row that was last compared. */
  isTrue(subject: ServiceSubject | AppSubject): boolean {
    const mark = this.#marks.get(subject.config.tenant_id);
    return mark !== undefined && (this.#asOf.get(subject) ?? UNKNOWN) >= mark.trueSince;
  }

  /** The counters of these were read, or moved by a batch that was committed, as of the tenant's delivery at `seq`. */
  confirm(subjects: Iterable<ServiceSubject | AppSubject>, tenantId: number, seq: number): void {
    for (const subject of subjects) this.#asOf.set(subject, seq);
    const mark = this.#marks.get(tenantId);
    if (mark !== undefined) mark.lastSeq = seq;
  }

  /** A unit or a batch of this replica has moved the configuration to this version. */
  configurationChanged(tenantId: number, version: number): void {
    this.#note(tenantId, version);
  }

  /** Nothing that is remembered of the tenant is known to be true any more, least of all counters that a failed batch has moved. */
  forget(tenantId: number): void {
    this.#marks.delete(tenantId);
    this.#changes++;
    this.#restart();
  }

  /** The same for every tenant: the connection that follows a lost one may lead to another server. */
  forgetAll(): void {
    this.#marks.clear();
    this.#changes++;
    this.#restart();
  }

  get vitals(): EngineVitals['caches'] {
    return {
      credentials: this.#credentials.vitals,
      tenants: this.#tenants.vitals,
      apps: this.#apps.vitals,
      services: this.#services.vitals,
    };
  }

  /** Keeps what a batch works with in memory until it is over. */
  pin(state: DeliveryState): void {
    if (state.service !== null) this.#services.pin(nameOf(state.service), state.service);
    if (state.app !== null) this.#apps.pin(String(state.app.config.id), state.app);
  }

  unpin(state: DeliveryState): void {
    if (state.service !== null) this.#services.unpin(nameOf(state.service));
    if (state.app !== null) this.#apps.unpin(String(state.app.config.id));
  }

  #note(tenantId: number, configVersion: number): Mark {
    const mark = this.#marks.get(tenantId);
    if (mark !== undefined && mark.configVersion >= configVersion) return mark;
    if (mark === undefined) {
      const since = this.#changes;
      const first: Mark = {
        configVersion,
        epoch: since,
        since,
        lastSeq: UNKNOWN,
        trueSince: NOT_COMPARED,
        shared: false,
      };
      this.#marks.set(tenantId, first);
      return first;
    }
    this.#restart();
    mark.configVersion = configVersion;
    mark.epoch = ++this.#changes;
    return mark;
  }

  #restart(): void {
    for (const cache of [this.#credentials, this.#tenants, this.#apps, this.#services])
      cache.configurationChanged();
  }

  async #loadCredential(read: Reader, digest: Uint8Array): Promise<Credential | null> {
    const credential = await loadCredential(read, digest);
    if (credential === null) return null;
    // The token is read again together with the version that it is remembered under.
    return this.#load(read, credential.tenant_id, (snapshot) => loadCredential(snapshot, digest));
  }

  async #loadService(
    read: Reader,
    tenantId: number,
    slug: string,
    known: ServiceSubject | null,
  ): Promise<ServiceSubject | null> {
    const loaded = await this.#load(read, tenantId, (snapshot, lost) =>
      loadService(snapshot, tenantId, slug, lost ? null : known),
    );
    // Counters that were taken over are as true as they were, and the day as the snapshot: `known` may have moved since.
    if (known !== null && loaded?.keys === known.keys) {
      const asOf = Math.min(this.#asOf.get(loaded) ?? UNKNOWN, this.#asOf.get(known) ?? UNKNOWN);
      this.#asOf.set(loaded, asOf);
    }
    return loaded;
  }

  /**
   * Loads in one snapshot with the tenant's row, and not from before what was known already; `load` is told where that has
   * to be taken for lost. What has changed since the snapshot was taken is left to the cache.
   */
  async #load<V extends object>(
    read: Reader,
    tenantId: number,
    load: (snapshot: Reader, lost: boolean) => Promise<V | null>,
  ): Promise<V | null> {
    for (let stale = 0; ; stale++) {
      const before = this.#marks.get(tenantId)?.configVersion ?? UNKNOWN;
      const loaded = await read
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (snapshot) => {
          const head = await loadHead(snapshot, tenantId);
          // At once: what changes from here on, and only that, overtakes a load that takes long.
          if (head !== null) this.#note(tenantId, head.config_version);
          return head === null ? null : { head, value: await load(snapshot, stale >= MAX_STALE_LOADS) };
        });
      if (loaded === null) return null;
      const behind = loaded.head.config_version < before;
      if (behind && stale < MAX_STALE_LOADS) continue;
      // What a new snapshot does not know either, the database has lost.
      if (behind) this.forget(tenantId);
      this.#note(tenantId, loaded.head.config_version);
      if (loaded.value !== null) this.#asOf.set(loaded.value, loaded.head.last_seq);
      return loaded.value;
    }
  }
}

function nameOf({ config }: ServiceSubject): string {
  return `${config.tenant_id}/${config.slug}`;
}

/** The tenant's row as it is; null where it is gone. The columns are of this engine alone, so they are not in rows.ts. */
async function loadHead(read: Reader, tenantId: number): Promise<Head | null> {
  const row = await read
    .withTables<{ tenants: Head & { id: number } }>()
    .selectFrom('tenants')
    .select(['config_version', 'last_seq'])
    .where('id', '=', tenantId)
    .executeTakeFirst();
  return row ?? null;
}
