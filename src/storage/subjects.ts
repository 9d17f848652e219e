/**
 * What deliveries are decided upon, held in memory: tokens, tenants, apps and services with their counters. On an engine
 * that one process owns, the counters here are the true ones and run ahead of the database by the batches under way.
 */
import type { ClockReading } from '../domain/clock.ts';
import type { Credential } from '../domain/judge.ts';
import { limitDay, utcDay } from '../domain/limit-day.ts';
import {
  type AppSubject,
  type Day,
  type DeliveryState,
  loadApp,
  loadCredential,
  loadService,
  loadTenant,
  type ServiceSubject,
  type TenantConfig,
} from './configuration.ts';
import type { Delivered, DeliveryLookup, WriteScope } from './engine.ts';
import { OnDemandCache } from './on-demand-cache.ts';
import type { Reader } from './rows.ts';

const MAX = { credentials: 100_000, tenants: 10_000, apps: 50_000, services: 20_000 };

export class Subjects {
  readonly #epochs = new Map<number, number>();
  #epoch = 0;
  readonly credentials: OnDemandCache<Credential, Uint8Array>;
  readonly tenants: OnDemandCache<TenantConfig, number>;
  readonly apps: OnDemandCache<AppSubject, number>;
  readonly services: OnDemandCache<ServiceSubject, { tenantId: number; slug: string }>;

  constructor(read: Reader) {
    const ofTenant = (tenantId: number) => this.#epoch + (this.#epochs.get(tenantId) ?? 0);
    this.credentials = new OnDemandCache({
      max: MAX.credentials,
      load: (digest) => loadCredential(read, digest),
      epochOf: (credential) => ofTenant(credential.tenant_id),
    });
    this.tenants = new OnDemandCache({
      max: MAX.tenants,
      load: (id) => loadTenant(read, id),
      epochOf: (tenant) => ofTenant(tenant.id),
    });
    this.apps = new OnDemandCache({
      max: MAX.apps,
      load: (id) => loadApp(read, id),
      epochOf: (app) => ofTenant(app.config.tenant_id),
    });
    this.services = new OnDemandCache({
      max: MAX.services,
      load: ({ tenantId, slug }) => loadService(read, tenantId, slug),
      epochOf: (service) => ofTenant(service.config.tenant_id),
    });
  }

  /** The state to decide upon, or a promise of what has to be loaded before asking again. */
  find(lookup: DeliveryLookup, time: ClockReading): DeliveryState | Promise<void> {
    const credential = this.credentials.peek(lookup.token);
    if (credential === undefined) return this.credentials.load(lookup.token, lookup.digest());
    if (credential === null) return { time, credential: null, tenant: null, app: null, service: null };

    const tenantName = String(credential.tenant_id);
    const tenant = this.tenants.peek(tenantName);
    if (tenant === undefined) return this.tenants.load(tenantName, credential.tenant_id);

    const appId = credential.app_id;
    const app = appId === null ? null : this.apps.peek(String(appId));
    if (app === undefined) return this.apps.load(String(appId), appId as number);

    const serviceName = `${credential.tenant_id}/${lookup.service}`;
    const service = this.services.peek(serviceName);
    if (service === undefined) {
      return this.services.load(serviceName, { tenantId: credential.tenant_id, slug: lookup.service });
    }

    if (service !== null) openServiceDay(service, time.settled);
    if (app !== null && (app.day === null || time.settled >= app.day.ends_at)) {
      app.day = nextDay(app.day, utcDay(time.settled));
    }
    return { time, credential, tenant, app, service };
  }

  /** Moves the counters by one delivery, and takes over the changes that came with it. */
  charge(decision: Delivered, service: ServiceSubject, app: AppSubject | null): void {
    const { key, balance } = decision;
    if (service.day !== null) service.day.count++;
    const usage = service.keys.get(key.id);
    if (usage === undefined) {
      service.keys.set(key.id, { count: 1, finish: balance.finish, turn: balance.turn });
    } else {
      usage.count++;
      usage.finish = balance.finish;
      usage.turn = balance.turn;
    }
    service.virtual = balance.start;
    service.turn = balance.turn;
    if (app?.day) app.day.count++;
    for (const { key_id, state, activated_at } of decision.changes) {
      const { keys } = service.config;
      const at = keys.findIndex(({ id }) => id === key_id);
      const changed = keys[at];
      if (changed === undefined) continue;
      keys[at] = { ...changed, state, activated_at: activated_at ?? changed.activated_at };
      if (state === 'active') service.config.current_key_id = key_id;
    }
  }

  /** Marks keys as broken in memory; the database learns of it with the batch. */
  flagBroken(ids: ReadonlySet<number>, service: ServiceSubject): void {
    const { keys } = service.config;
    for (const [at, key] of keys.entries()) if (ids.has(key.id)) keys[at] = { ...key, broken: true };
  }

  /** To be called when a unit that may have changed configuration has ended. */
  configurationChanged(scope: WriteScope): void {
    if (scope === 'nothing') return;
    if (scope === 'everything') this.#epoch++;
    else this.#epochs.set(scope.tenantId, (this.#epochs.get(scope.tenantId) ?? 0) + 1);
    for (const cache of [this.credentials, this.tenants, this.apps, this.services])
      cache.configurationChanged();
  }

  /** Forgets everything: the database is the truth again. */
  clear(): void {
    for (const cache of [this.credentials, this.tenants, this.apps, this.services]) cache.clear();
  }
}

/**
 * Opens the limit day of `settled`, unless the open one still runs: a change of time zone or reset time shows only then.
 * The key counts of the day before are over.
 */
function openServiceDay(service: ServiceSubject, settled: number): void {
  if (service.day !== null && settled < service.day.ends_at) return;
  const { timezone, day_resets_at } = service.config;
  service.day = nextDay(service.day, limitDay(settled, timezone, day_resets_at));
  for (const usage of service.keys.values()) usage.count = 0;
}

/** The day to count in after `last`: it never begins before that one ended, whatever the calendar says of its start. */
function nextDay(last: Day | null, day: { startsAt: number; endsAt: number }): Day {
  const starts_at = last === null ? day.startsAt : Math.max(day.startsAt, last.ends_at);
  return { starts_at, ends_at: day.endsAt, count: 0 };
}
