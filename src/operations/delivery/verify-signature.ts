/** Whether a request is signed as its app wants. */
import { isTimely, type SignedRequest } from '../../domain/signed-request.ts';
import type { AppSubject, DeliveryState, SigningSecret, TenantConfig } from '../../storage/configuration.ts';
import type { Keyring } from '../../vault/keyring.ts';
import { isSignedWith } from '../../vault/request-signature.ts';

/** Verifies one request, however often it is decided upon: its signature is computed again only once the app has changed. */
export class SignatureVerifier {
  readonly #keyring: Keyring;
  readonly #signed: SignedRequest;
  #found: { readonly app: object; readonly secret: SigningSecret | null } | null = null;

  constructor(keyring: Keyring, signed: SignedRequest) {
    this.#keyring = keyring;
    this.#signed = signed;
  }

  /** What it would spend: its nonce, where it is signed with a secret of the app; whether that or the request is too old says nothing. */
  nonce(state: DeliveryState): string | null {
    return this.#secretOf(state) === null ? null : this.#signed.nonce;
  }

  /** Whether it is timely, and signed with a secret that is valid now. Says nothing about its nonce. */
  accepts(state: DeliveryState): boolean {
    const { now } = state.time;
    if (!isTimely(this.#signed, now)) return false;
    const secret = this.#secretOf(state);
    return secret !== null && (secret.valid_until === null || now < secret.valid_until);
  }

  #secretOf({ app, tenant }: DeliveryState): SigningSecret | null {
    if (app === null || tenant === null) return null;
    if (this.#found?.app !== app.config) {
      this.#found = { app: app.config, secret: this.#find(tenant, app.config) };
    }
    return this.#found.secret;
  }

  #find(tenant: TenantConfig, { signing_secrets }: AppSubject['config']): SigningSecret | null {
    const { text, mac } = this.#signed;
    const found = signing_secrets.find(({ id, sealed_secret }) => {
      const place = { purpose: 'signing-secret', tenantId: tenant.id, id } as const;
      try {
        return isSignedWith(this.#keyring.openText(tenant.dataKeys, place, sealed_secret), text, mac);
      } catch {
        // A secret that does not open signs nothing.
        return false;
      }
    });
    return found ?? null;
  }
}
