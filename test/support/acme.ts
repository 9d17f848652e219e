/** A vault with the tenants `acme` and `rival`, and what tests of services and keys do in `acme` by the administration. */
import { type AdminClient, adminClient, dataOf, inAcme, made, type Schemas } from './admin-client.ts';
import { startVault, type TestVault, type VaultOptions } from './start-vault.ts';

export const ACME = '/tenants/acme';
const TENANTS = '/admin/v1/tenants';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';

type ServiceView = Schemas['Service'];
type KeyView = Schemas['Key'];

export interface Acme {
  readonly vault: TestVault;
  /** With the root token. */
  readonly client: AdminClient;
  /** The tenant's client token. */
  readonly token: string;
  service(members: Schemas['NewService']): Promise<ServiceView>;
  /** Adds a key, which is `sk-<label>-…` unless another is given. */
  key(service: string, label: string, members?: Partial<Schemas['NewKey']>): Promise<KeyView>;
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

export async function startAcme(options: VaultOptions = {}): Promise<Acme> {
  const vault = await startVault(options);
  const client = adminClient(vault);
  const { client_token: token } = await made(client.POST(TENANTS, { body: { slug: 'acme' } }));
  await made(client.POST(TENANTS, { body: { slug: 'rival' } }));

  async function keys(service: string): Promise<KeyView[]> {
    const params = { path: { tenant: 'acme', service }, query: { limit: 200 } };
    const { data } = await dataOf(client.GET(KEYS, { params }));
    return data.sort((one, other) => one.position - other.position || one.id - other.id);
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
    client,
    service: (members) => made(client.POST(SERVICES, { ...inAcme(), body: members })),
    key(service, label, members = {}) {
      const body = { label, key: `sk-${label}-0123456789abcdefghij`, ...members };
      return made(client.POST(KEYS, { ...inAcme({ service }), body }));
    },
    show: (service) => dataOf(client.GET(SERVICE, inAcme({ service }))),
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
