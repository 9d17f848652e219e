/** Who asks, for what is no delivery: judged as for one, by the same tokens, addresses, rules and signatures. */
import { judgeCaller } from '../../domain/judge.ts';
import type { DeliveryState } from '../../storage/configuration.ts';
import type { Recognized, Refused } from '../../storage/engine.ts';
import type { SpentNoncesTable } from '../../storage/rows.ts';
import { nameOfToken } from '../../vault/digests.ts';
import type { Vault } from '../vault/vault.ts';
import { type DeliveryRequest, nonceToSpend, type RefusedFor, refused } from './delivery-outcome.ts';
import { SignatureVerifier } from './verify-signature.ts';
import { withCountries } from './with-countries.ts';

/** What {@link recognizeCaller} is to go by. */
export type CallerRequest = Omit<DeliveryRequest, 'service' | 'mask'>;

export interface Caller {
  readonly tenant_id: number;
  /** Null for the client token. */
  readonly app_id: number | null;
  /** To be spent in the unit that does what was asked for; null where the app wants no signature. */
  readonly nonce: SpentNoncesTable | null;
}

export type Recognition =
  | (Recognized & { readonly recognized: Caller })
  | (Refused & { readonly refusedFor: RefusedFor | null });

/** Recognizes the caller or says why not; records nothing. Rejects with a StorageError. */
export function recognizeCaller(vault: Vault, request: CallerRequest): Promise<Recognition> {
  const { token, signature } = request;
  const verifier = signature === undefined ? null : new SignatureVerifier(vault.keyring, signature);
  const lookup = {
    token: nameOfToken(token),
    digest: () => vault.digests.ofToken(token),
    service: '',
    ...(verifier === null ? {} : { nonce: (state: DeliveryState) => verifier.nonce(state) }),
  };
  return withCountries(() => vault.engine.deliver(lookup, (state) => decide(request, state, verifier)));
}

function decide(
  request: CallerRequest,
  state: DeliveryState,
  verifier: SignatureVerifier | null,
): Recognition {
  const { credential, tenant, app, time } = state;
  const signed = () => state.nonceSpent !== true && verifier?.accepts(state) === true;
  const refusal = judgeCaller(request, { credential, tenant, app: app?.config ?? null, signed }, time);
  if (refusal !== null || credential === null) {
    return refused(refusal ?? { reason: 'invalid token' }, state);
  }
  const { tenant_id, app_id } = credential;
  return {
    refusal: null,
    recognized: { tenant_id, app_id, nonce: nonceToSpend(request, state) },
    brokenKeys: [],
    auditEntries: [],
    events: [],
  };
}
