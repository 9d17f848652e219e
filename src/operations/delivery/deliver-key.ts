/** Hands out a key: judge, choose, unseal, and only then record. What it returns is on disk. */
import { EMPTY } from '../../domain/bucket.ts';
import { judge } from '../../domain/judge.ts';
import { clientNetwork } from '../../domain/network.ts';
import type { NetworkThrottle } from '../../domain/network-throttle.ts';
import { chooseKey } from '../../domain/policy.ts';
import type { RateUsed } from '../../domain/rate-limit.ts';
import { refuse } from '../../domain/refusal.ts';
import { isSlug } from '../../domain/slug.ts';
import type {
  AppSubject,
  DeliveryState,
  KeyConfig,
  ServiceSubject,
  TenantConfig,
} from '../../storage/configuration.ts';
import type { DeliveryLookup, Engine } from '../../storage/engine.ts';
import { type Digests, nameOfToken } from '../../vault/digests.ts';
import { DataKeyUnavailable, type Keyring } from '../../vault/keyring.ts';
import { type DeliveryOutcome, type DeliveryRequest, delivered, noKey, refused } from './delivery-outcome.ts';
import { SignatureVerifier } from './verify-signature.ts';
import { withCountries } from './with-countries.ts';

export interface DeliverKeyContext {
  readonly engine: Engine;
  readonly keyring: Keyring;
  readonly digests: Digests;
  readonly demoThrottle: NetworkThrottle;
}

/** So many keys a delivery finds broken before it gives up; they are flagged, and the next one goes on behind them. */
const MOST_BROKEN = 100;

/**
 * Delivers a key or says why not. A refusal consumes no quota. Rejects with a StorageError when the delivery could not be
 * recorded: then nothing may leave the vault.
 */
export function deliverKey(context: DeliverKeyContext, request: DeliveryRequest): Promise<DeliveryOutcome> {
  const { token } = request;
  // No service has a name that is no slug, and none may be looked up, or remembered, by one.
  const service = isSlug(request.service) ? request.service : '';
  const { signature } = request;
  const verifier = signature === undefined ? null : new SignatureVerifier(context.keyring, signature);
  const lookup: DeliveryLookup = {
    token: nameOfToken(token),
    digest: () => context.digests.ofToken(token),
    service,
    ...(verifier === null ? {} : { nonce: (state: DeliveryState) => verifier.nonce(state) }),
  };
  return withCountries(() =>
    context.engine.deliver(lookup, (state) => decide(context, request, state, verifier)),
  );
}

function decide(
  context: DeliverKeyContext,
  request: DeliveryRequest,
  state: DeliveryState,
  verifier: SignatureVerifier | null,
): DeliveryOutcome {
  const { time, credential, tenant, app, service } = state;
  const refusal = judge(
    request,
    {
      credential,
      tenant,
      app: app === null ? null : app.config,
      service: service === null ? null : service.config,
      signed: () => state.nonceSpent !== true && verifier?.accepts(state) === true,
      service_day: service === null ? null : service.day,
      app_day: app === null ? null : app.day,
      app_rate: app === null ? null : rateUsed(app),
    },
    time,
    context.demoThrottle,
  );
  if (refusal !== null || tenant === null || service === null) {
    return refused(refusal ?? refuse('invalid token'), state);
  }

  let broken: Map<number, KeyConfig> | null = null;
  for (;;) {
    if (broken !== null && broken.size >= MOST_BROKEN) {
      return refused(refuse('key decrypt failed'), state, broken);
    }
    const choice = chooseKey(
      service.config,
      service,
      time,
      broken === null ? undefined : new Set(broken.keys()),
    );
    if (choice.key === null) return refused(noKey(choice, state, broken), state, broken);
    const key = keyById(service, choice.key.id);
    let clear: string;
    try {
      clear = unseal(context.keyring, tenant, key);
    } catch (error) {
      if (error instanceof DataKeyUnavailable)
        return { ...refused(refuse('key decrypt failed'), state), dataKeyFailed: true };
      broken ??= new Map();
      broken.set(key.id, key);
      continue;
    }
    if (tenant.demo) context.demoThrottle.charge(clientNetwork(request.address), time.now);
    return delivered(request, state, { tenant, service, key, changes: choice.changes, clear, broken });
  }
}

/** Null where the app has no rate limit. */
function rateUsed({ config, bucket, windows }: AppSubject): RateUsed | null {
  return config.rate_limit === null ? null : { level: bucket?.level ?? EMPTY, windows };
}

function unseal(keyring: Keyring, tenant: TenantConfig, key: KeyConfig): string {
  const place = { purpose: 'provider-key', tenantId: tenant.id, id: key.id } as const;
  return keyring.openText(tenant.dataKeys, place, key.sealed_key);
}

function keyById(service: ServiceSubject, id: number): KeyConfig {
  const key = service.config.keys.get(id);
  if (key === undefined) throw new Error(`chose key ${id}, which the service does not have`);
  return key;
}
