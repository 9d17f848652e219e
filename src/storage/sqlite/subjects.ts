/**
 * What deliveries are decided upon, held in memory: tokens, tenants, apps and services with their counters. One process
 * owns the database, so the counters here are the true ones, and run ahead of it by the batches under way.
 */
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
import type { DeliveryLookup, WriteScope } from '../engine.ts';
import { loadService } from '../load-service.ts';
import { type Epochs, OnDemandCache } from '../on-demand-cache.ts';
import { Buckets } from '../rate-limits.ts';
import type { Reader } from '../rows.ts';
import type { EngineVitals } from '../vitals.ts';

/** Of services, so many as these keys belong to. */
const MAX = { credentials: 100_000, tenants: 10_000, apps: 50_000, keys: 200_000 };

export class Subjects {
  /** Tenant → the number of its last change. */
  readonly #changed = new Map<number, number>();
  #changes = 0;
  readonly #buckets = new Buckets();
  readonly credentials: OnDemandCache<Credential, Uint8Array>;
  readonly tenants: OnDemandCache<TenantConfig, number>;
  readonly apps: OnDemandCache<AppSubject, number>;
  readonly services: OnDemandCache<ServiceSubject, { tenantId: number; slug: string }>;

  constructor(read: Reader) {
    const epochs = <V>(tenantOf: (value: V) => number): Epochs<V> => ({
      latest: () => this.#changes,
      of: (value) => this.#changed.get(tenantOf(value)) ?? 0,
      // What a failed batch has moved is forgotten by its name.
      knownSince: () => 0,
    });
    this.credentials = new OnDemandCache({
      max: MAX.credentials,
      load: (digest) => loadCredential(read, digest),
      epochs: epochs((credential) => credential.tenant_id),
    });
    this.tenants = new OnDemandCache({
      max: MAX.tenants,
      load: (id) => loadTenant(read, id),
      epochs: epochs((tenant) => tenant.id),
    });
    this.apps = new OnDemandCache({
      max: MAX.apps,
      load: (id) => loadApp(read, id, this.#buckets),
      epochs: epochs((app) => app.config.tenant_id),
    });
    this.services = new OnDemandCache({
      max: MAX.keys,
      load: ({ tenantId, slug }, known) => loadService(read, tenantId, slug, known),
      epochs: epochs((service) => service.config.tenant_id),
      sizeOf: (service) => service.config.keys.size,
    });
  }

  /** The state to decide upon, or a promise of what has to be loaded before asking again. */
  find(lookup: DeliveryLookup, time: ProcessReading): DeliveryState | Promise<void> {
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
    if (app !== null) openAppDay(app, time.settled);
    return { time, credential, tenant, app, service };
  }

  get vitals(): EngineVitals['caches'] {
    return {
      credentials: this.credentials.vitals,
      tenants: this.tenants.vitals,
      apps: this.apps.vitals,
      services: this.services.vitals,
    };
  }

  /** To be called when a unit that may have changed configuration has ended. */
  configurationChanged(scope: WriteScope): void {
    if (scope === 'nothing') return;
    this.#changed.set(scope.tenantId, ++this.#changes);
    for (const cache of [this.credentials, this.tenants, this.apps, this.services])
      cache.configurationChanged();
  }
}
