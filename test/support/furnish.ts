/** A vault with something in it, all of it put there through the administration. */
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type Body, type Reply, startVault, type TestVault, type VaultOptions } from './start-vault.ts';

/** A vault that stops when the test is over. */
export async function openVault(options: VaultOptions = {}): Promise<TestVault> {
  const vault = await startVault(options);
  onTestFinished(() => vault.stop());
  return vault;
}

/** The body of a call that has to succeed. */
export async function call(vault: TestVault, method: string, path: string, body?: unknown): Promise<Body> {
  const reply = await vault.admin(method, path, body);
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
  return reply.body;
}

/** Makes a tenant; resolves to its client token. */
export async function addTenant(vault: TestVault, slug: string, more: object = {}): Promise<string> {
  return (await call(vault, 'POST', '/tenants', { slug, ...more })).client_token;
}

export interface AddedKey {
  readonly id: number;
  readonly label: string;
  readonly key: string;
}

/** Makes a service with a key for each of `keys`, `Key 1` first; resolves to the keys. */
export async function addService(
  vault: TestVault,
  tenant: string,
  service: { readonly slug: string; readonly [member: string]: unknown },
  keys: readonly object[] = [{}],
): Promise<AddedKey[]> {
  await call(vault, 'POST', `/tenants/${tenant}/services`, service);
  const added: AddedKey[] = [];
  for (const [at, more] of keys.entries()) {
    added.push(await addKey(vault, tenant, service.slug, { label: `Key ${at + 1}`, ...more }));
  }
  return added;
}

export async function addKey(
  vault: TestVault,
  tenant: string,
  service: string,
  more: { readonly label: string; readonly key?: string; readonly [member: string]: unknown },
): Promise<AddedKey> {
  const key = more.key ?? `sk-${randomBytes(24).toString('hex')}`;
  const { id, label } = await call(vault, 'POST', `/tenants/${tenant}/services/${service}/keys`, {
    ...more,
    key,
  });
  return { id, label, key };
}

/** Makes an app that may use all services unless `more` says otherwise. */
export async function addApp(
  vault: TestVault,
  tenant: string,
  more: object = {},
): Promise<{ id: number; token: string }> {
  const body = { name: 'An app', services: 'all', ...more };
  const { id, app_token } = await call(vault, 'POST', `/tenants/${tenant}/apps`, body);
  return { id, token: app_token };
}

/** The tenant `acme` with the service `openai`: what most tests begin with. */
export async function openFurnishedVault(
  options: VaultOptions & { service?: object; keys?: readonly object[]; tenant?: object } = {},
): Promise<{ vault: TestVault; token: string; keys: AddedKey[] }> {
  const vault = await openVault(options);
  const token = await addTenant(vault, 'acme', options.tenant);
  const keys = await addService(vault, 'acme', { slug: 'openai', ...options.service }, options.keys);
  return { vault, token, keys };
}

/** What a refusal says: its status and its `error`. */
export function refusalOf({ status, body }: Pick<Reply, 'status' | 'body'>): [status: number, error: string] {
  return [status, body?.error];
}

/** The ids of the keys that a client gets in `count` deliveries, one after another. */
export async function keyIdsOf(
  vault: TestVault,
  token: string,
  service: string,
  count: number,
): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < count; at++)
    ids.push((await vault.next(`service=${service}`, { token })).body?.meta?.key_id);
  return ids;
}
