/** A vault with the tenants `acme` and `rival`, and what tests of services and keys do in `acme` by the administration. */
import { expect } from 'vitest';
import type { KeyView } from '../../src/contract/keys.ts';
import type { ServiceView } from '../../src/contract/services.ts';
import { startVault, type TestVault } from './start-vault.ts';

export const ACME = '/tenants/acme';

export interface Acme {
  readonly vault: TestVault;
  /** The tenant's client token. */
  readonly token: string;
  service(members: object): Promise<ServiceView>;
  /** Adds a key, which is `sk-<label>-…` unless another is given. */
  key(service: string, label: string, members?: object): Promise<KeyView>;
  show(service: string): Promise<ServiceView>;
  /** The keys in the order of their positions. */
  keys(service: string): Promise<KeyView[]>;
  /** Label and state of each key by position, the current one with a star: `one*active two standby`. */
  states(service: string): Promise<string>;
  /** Which key a delivery brings, or the error that it ends with. */
  deliver(service: string): Promise<string>;
  /** Types of the audit entries, oldest first, from the id after `after` on. */
  audit(
    after?: number,
  ): Promise<{ id: number; type: string; target: string; reason: string | null; actor: string }[]>;
  lastAuditId(): Promise<number>;
}

export async function startAcme(): Promise<Acme> {
  const vault = await startVault();
  const { body } = await vault.admin('POST', '/tenants', { slug: 'acme' });
  await vault.admin('POST', '/tenants', { slug: 'rival' });
  const token: string = body.client_token;

  async function keys(service: string): Promise<KeyView[]> {
    const reply = await vault.admin('GET', `${ACME}/services/${service}/keys?limit=200`);
    return reply.body.data.sort(
      (one: KeyView, other: KeyView) => one.position - other.position || one.id - other.id,
    );
  }

  async function audit(after = 0) {
    const rows = await vault.engine.read
      .selectFrom('audit_entries')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .execute();
    return rows.map(({ id, type, target, reason, actor_kind }) => ({
      id,
      type,
      target,
      reason,
      actor: actor_kind,
    }));
  }

  return {
    vault,
    token,
    async service(members) {
      const reply = await vault.admin('POST', `${ACME}/services`, members);
      expect(reply.status, reply.text).toBe(201);
      return reply.body;
    },
    async key(service, label, members = {}) {
      const path = `${ACME}/services/${service}/keys`;
      const reply = await vault.admin('POST', path, {
        label,
        key: `sk-${label}-0123456789abcdefghij`,
        ...members,
      });
      expect(reply.status, reply.text).toBe(201);
      return reply.body;
    },
    async show(service) {
      return (await vault.admin('GET', `${ACME}/services/${service}`)).body;
    },
    keys,
    async states(service) {
      const all = await keys(service);
      return all.map(({ label, current, state }) => `${label}${current ? '*' : ' '}${state}`).join(', ');
    },
    async deliver(service) {
      const { status, body } = await vault.next(`service=${service}`, { token });
      return status === 200 ? body.key_label : body.error;
    },
    audit,
    async lastAuditId() {
      return (await audit()).at(-1)?.id ?? 0;
    },
  };
}
