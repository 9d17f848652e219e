/** Where an app is not for, by real requests through a proxy that says where they come from. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mmdb } from '../../support/mmdb.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

let vault: TestVault;
let folder: string;

async function start(env: Record<string, string> = {}): Promise<void> {
  vault = await startVault({ env: { KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1', ...env } });
  await vault.admin('POST', '/tenants', { slug: 'acme' });
  await vault.admin('POST', '/tenants/acme/services', { slug: 'openai' });
  const key = { label: 'one', key: 'sk-one-0123456789abcdefghij' };
  await vault.admin('POST', '/tenants/acme/services/openai/keys', key);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyrotator-countries-'));
});

afterEach(async () => {
  await vault.stop();
  rmSync(folder, { recursive: true });
});

async function makeApp(blocked_countries: string[]): Promise<{ id: number; app_token: string }> {
  const app = { name: 'a', services: 'all', blocked_countries };
  const reply = await vault.admin('POST', '/tenants/acme/apps', app);
  expect(reply.status, reply.text).toBe(201);
  return reply.body;
}

async function outcome(token: string, from: string): Promise<string> {
  const { status, body } = await vault.next('service=openai', {
    token,
    headers: { 'x-forwarded-for': from },
  });
  return status === 200 ? 'delivered' : `${status} ${body.error}`;
}

const REFUSED = '403 country not allowed';

it('a client from a blocked country is refused, the very first one too, and others are served', async () => {
  await start();
  const { app_token } = await makeApp(['US', 'GB']);
  expect(await outcome(app_token, '8.8.8.8')).toBe(REFUSED);
  expect(await outcome(app_token, '::ffff:8.8.8.8')).toBe(REFUSED);
  expect(await outcome(app_token, '::ffff:808:808')).toBe(REFUSED);
  expect(await outcome(app_token, '81.2.69.142')).toBe(REFUSED);
  expect(await outcome(app_token, '193.0.6.139')).toBe('delivered');
  expect(await outcome(app_token, '10.0.0.1')).toBe('delivered');
  expect(await outcome(app_token, '2001:4860:4860::8888')).toBe('delivered');
  expect(await outcome(app_token, 'unreadable')).toBe(REFUSED);
});

it('the first client of all is served where its country is not blocked', async () => {
  await start();
  const { app_token } = await makeApp(['US']);
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, at) => outcome(app_token, at % 2 === 0 ? '193.0.6.139' : '8.8.8.8')),
  );
  expect(all).toEqual(all.map((_, at) => (at % 2 === 0 ? 'delivered' : REFUSED)));
});

it('a client whose country is not known counts as ZZ', async () => {
  await start();
  const { app_token } = await makeApp(['ZZ']);
  for (const from of ['10.0.0.1', '127.0.0.1', '255.255.255.255', '2001:db8::1'])
    expect(await outcome(app_token, from)).toBe(REFUSED);
  expect(await outcome(app_token, '8.8.8.8')).toBe('delivered');
});

it('codes are kept in upper case and once, and what is none is refused where it stands', async () => {
  await start();
  const { id } = await makeApp([]);
  const path = `/tenants/acme/apps/${id}`;
  const { body, headers } = await vault.admin('PATCH', path, { blocked_countries: ['de', 'DE', 'zz', 'xk'] });
  expect(body.blocked_countries).toEqual(['DE', 'ZZ', 'XK']);
  expect((await vault.admin('GET', path)).headers.get('etag')).toBe(headers.get('etag'));
  for (const wrong of ['', 'D', 'DEU', 'UK', 'XX', 'ß', ' DE', 'EU']) {
    const reply = await vault.admin('PATCH', path, { blocked_countries: ['FR', wrong] });
    expect([wrong, reply.status]).toEqual([wrong, 422]);
    expect(reply.body.errors).toEqual([
      { pointer: '/blocked_countries/1', detail: expect.stringContaining('ISO 3166-1') },
    ]);
  }
  const { data } = (await vault.admin('GET', '/tenants/acme/audit?type=app.updated')).body;
  expect(data[0].before.blocked_countries).toEqual([]);
  expect(data[0].after.blocked_countries).toEqual(['DE', 'ZZ', 'XK']);
});

it('a change binds the next request', async () => {
  await start();
  const { id, app_token } = await makeApp([]);
  expect(await outcome(app_token, '8.8.8.8')).toBe('delivered');
  await vault.admin('PATCH', `/tenants/acme/apps/${id}`, { blocked_countries: ['us'] });
  expect(await outcome(app_token, '8.8.8.8')).toBe(REFUSED);
  await vault.admin('PATCH', `/tenants/acme/apps/${id}`, { blocked_countries: [] });
  expect(await outcome(app_token, '8.8.8.8')).toBe('delivered');
});

it("an operator's own database decides where there is one, for IPv6 too", async () => {
  const file = join(folder, 'countries.mmdb');
  const records = {
    '192.0.2.0/24': { country: { iso_code: 'KP' } },
    '198.51.100.0/25': { registered_country: { iso_code: 'KP' } },
    '198.51.100.128/25': { country: { iso_code: 'FR' }, registered_country: { iso_code: 'KP' } },
    '203.0.113.0/24': { continent: { code: 'AS' } },
    '2001:db8::/32': { country: { iso_code: 'KP' } },
  };
  writeFileSync(file, mmdb(6, records));
  await start({ KEYROTATOR_COUNTRY_DATABASE: file });
  const { app_token } = await makeApp(['KP']);
  for (const from of ['192.0.2.1', '::ffff:192.0.2.1', '198.51.100.1', '2001:db8::1'])
    expect(await outcome(app_token, from)).toBe(REFUSED);
  for (const from of ['198.51.100.129', '203.0.113.1', '8.8.8.8', '2001:db9::1'])
    expect(await outcome(app_token, from)).toBe('delivered');
  const { app_token: known } = await makeApp(['ZZ']);
  for (const from of ['203.0.113.1', '8.8.8.8', '2001:db9::1'])
    expect(await outcome(known, from)).toBe(REFUSED);
  expect(await outcome(known, '192.0.2.1')).toBe('delivered');
});

it('of a database of IPv4 alone no IPv6 address gets a country', async () => {
  const file = join(folder, 'countries.mmdb');
  writeFileSync(file, mmdb(4, { '32.0.0.0/3': { country: { iso_code: 'KP' } } }));
  await start({ KEYROTATOR_COUNTRY_DATABASE: file });
  const { app_token } = await makeApp(['KP']);
  expect(await outcome(app_token, '33.0.0.1')).toBe(REFUSED);
  expect(await outcome(app_token, '2001:db8::1')).toBe('delivered');
});

it('a database that cannot be used keeps the vault from starting, and says what to do', async () => {
  await start();
  const start2 = (file: string) => startVault({ env: { KEYROTATOR_COUNTRY_DATABASE: file } });
  await expect(start2(join(folder, 'none.mmdb'))).rejects.toThrow(
    /KEYROTATOR_COUNTRY_DATABASE names .*none\.mmdb, which cannot be read \(ENOENT\)/,
  );
  const file = join(folder, 'other.mmdb');
  writeFileSync(file, 'not a database');
  await expect(start2(file)).rejects.toThrow('is no .mmdb file');
  writeFileSync(file, mmdb(4, { '192.0.2.0/24': { autonomous_system_number: 1 } }));
  await expect(start2(file)).rejects.toThrow('has no country.iso_code');
});
