/** The nonce of a delivery that is signed, which no other delivery of its app may have while it is remembered. */
import type { DeliveryState } from './configuration.ts';
import type { DeliveryLookup } from './engine.ts';

export interface Nonce {
  readonly app_id: number;
  readonly nonce: string;
}

/** What the delivery spends; null where its app wants no signature, or the request has none that is valid. */
export function nonceOf(lookup: DeliveryLookup, state: DeliveryState): Nonce | null {
  if (lookup.nonce === undefined || state.app === null || !state.app.config.require_signature) return null;
  const nonce = lookup.nonce(state);
  return nonce === null ? null : { app_id: state.app.config.id, nonce };
}

export function nameOfNonce({ app_id, nonce }: Nonce): string {
  return `${app_id} ${nonce}`;
}
