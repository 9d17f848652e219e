/** A client that gets keys and reports on them, from an address that the vault is told by a trusted proxy. */
import type { Reply, TestVault } from './start-vault.ts';

/** What a vault has to be started with for that. */
export const TRUSTING = { KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1' } as const;

export class Reporter {
  readonly #vault: TestVault;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(vault: TestVault, token: string, ip = '203.0.113.1') {
    this.#vault = vault;
    this.#headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': ip };
  }

  next(service: string): Promise<Reply> {
    return this.#vault.request(`/api/next?service=${service}`, { headers: this.#headers });
  }

  report(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.#vault.request('/api/report', {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Gets a key, of which the id is returned, and reports on it. */
  async fetchAndReport(
    service: string,
    outcome: string,
    more: object = {},
  ): Promise<{ readonly keyId: number; readonly reply: Reply }> {
    const { body } = await this.next(service);
    const { key_id, delivery_id } = body.meta;
    return { keyId: key_id, reply: await this.report({ delivery_id, outcome, ...more }) };
  }
}
