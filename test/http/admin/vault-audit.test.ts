/** The audit trail of the whole vault, which root reads: its own acts, those in every tenant, and in those that are gone. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { fetch } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addAuditEntries } from '../../support/audit-entries.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

let vault: TestVault;

beforeEach(async () => {
  vault = await startVault();
});

afterEach(() => vault.stop());

async function done(method: string, path: string, body?: object): Promise<void> {
  const reply = await vault.admin(method, path, body);
  expect([200, 201, 204], reply.text).toContain(reply.status);
}

/** `type of tenant`, oldest first. */
async function told(query = ''): Promise<string[]> {
  const reply = await vault.admin('GET', `/audit${query}`);
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data
    .map(({ type, tenant }: { type: string; tenant: string | null }) => `${type} of ${tenant}`)
    .toReversed();
}

async function exported(query = ''): Promise<string> {
  const reply = await vault.admin('GET', `/audit/export${query}`);
  expect(reply.status, reply.text).toBe(200);
  return reply.text;
}

/** A tenant that comes, goes, and comes again under the same slug. */
async function history(): Promise<void> {
  await done('POST', '/admin-tokens', { name: 'second root' });
  await done('POST', '/tenants', { slug: 'acme' });
  await done('POST', '/tenants', { slug: 'rival' });
  await done('POST', '/tenants/acme/apps', { name: 'first' });
  await done('DELETE', '/tenants/acme?confirm=acme&reason=over');
  vault.advance(60_000);
  await done('POST', '/tenants', { slug: 'acme' });
  await done('POST', '/tenants/acme/apps', { name: 'second' });
  await done('DELETE', '/tenants/rival?confirm=rival');
}

const OF_ACME = [
  'tenant.created of acme',
  'app.created of acme',
  'tenant.deleted of acme',
  'tenant.created of acme',
  'app.created of acme',
];

describe('the audit trail of the vault', () => {
  it('has what root did for itself, and what was done in every tenant, also in those that are deleted', async () => {
    await history();
    expect(await told()).toEqual([
      'root_token.created of null',
      'admin_token.created of null',
      'tenant.created of acme',
      'tenant.created of rival',
      'app.created of acme',
      'tenant.deleted of acme',
      'tenant.created of acme',
      'app.created of acme',
      'tenant.deleted of rival',
    ]);
  });

  it('has the entries of a tenant as that lists them itself', async () => {
    await history();
    const own = (await vault.admin('GET', '/tenants/acme/audit')).body.data;
    const all = (await vault.admin('GET', '/audit?from=2026-03-01T12:01:00Z&tenant=acme')).body.data;
    expect(all).toEqual(own.map((entry: object) => ({ ...entry, tenant: 'acme' })));
    expect(own).toHaveLength(2);
  });

  it('is narrowed to a tenant and to deleted ones that had its slug, by time, type and actor', async () => {
    await history();
    expect(await told('?tenant=acme')).toEqual(OF_ACME);
    expect(await told('?tenant=rival')).toEqual(['tenant.created of rival', 'tenant.deleted of rival']);
    expect(await told('?tenant=nobody')).toEqual([]);
    expect(await told('?tenant=acme&type=app.created&to=2026-03-01T12:01:00Z')).toEqual([
      'app.created of acme',
    ]);
    expect(await told('?actor=nobody')).toEqual([]);
    expect((await vault.admin('GET', '/audit?tenant=No')).status).toBe(400);
  });

  it('comes in pages that neither miss nor repeat an entry', async () => {
    await history();
    const seen: number[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await vault.admin('GET', `/audit?limit=3${cursor}`);
      seen.push(...body.data.map(({ id }: { id: number }) => id));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
      await done('PATCH', '/tenants/acme', { name: `renamed ${seen.length}` });
    }
    expect(seen).toEqual(seen.toSorted((one, other) => other - one));
    expect(new Set(seen).size).toBe(9);
  });

  it('of a tenant that came again is told in pages, and sent as a file, in the order of what was done', async () => {
    await history();
    await addAuditEntries(vault.engine, 'acme', { count: 1_200 });
    const reasons: (string | null)[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await vault.admin('GET', `/audit?tenant=acme&limit=200${cursor}`);
      reasons.push(...body.data.map(({ reason }: { reason: string | null }) => reason));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    const made = Array.from({ length: 1_200 }, (_, at) => `number ${at}`);
    const all = [null, null, 'over', null, null, ...made];
    expect(reasons).toEqual(all.toReversed());
    const file = (await exported('?tenant=acme')).trimEnd().split('\n');
    expect(file.map((line) => JSON.parse(line).reason)).toEqual(all);
  });

  it('is sent as a file, too, oldest first, of all or of a tenant', async () => {
    await history();
    const lines = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const list = (await vault.admin('GET', '/audit')).body.data;
    expect(lines(await exported())).toEqual(list.toReversed());
    expect(lines(await exported('?tenant=acme')).map(({ type, tenant }) => `${type} of ${tenant}`)).toEqual(
      OF_ACME,
    );
    expect(await exported('?tenant=nobody')).toBe('');
    const reply = await vault.admin('GET', '/audit/export?format=csv');
    expect(reply.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    const [head = '', ...rows] = reply.text.trimEnd().split('\r\n');
    expect(head).toMatch(/^id,at,type,.*,request_id,tenant$/);
    expect(rows.map((row) => row.split(',').at(-1))).toEqual(
      list.toReversed().map(({ tenant }: { tenant: string | null }) => tenant ?? ''),
    );
  });

  it('is sent as Parquet with the tenant as its last column', async () => {
    await history();
    const response = await fetch(`${vault.url}/admin/v1/audit/export?format=parquet`, {
      headers: { authorization: `Bearer ${vault.rootToken}` },
    });
    const file = await response.arrayBuffer();
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ type, tenant }) => `${type} of ${tenant}`)).toEqual(await told());
    expect(parquetMetadata(file).schema.at(-1)).toMatchObject({ name: 'tenant', converted_type: 'UTF8' });
  });

  it('is for root alone', async () => {
    await history();
    const { body } = await vault.admin('POST', '/tenants/acme/admin-tokens', { name: 'Ada', role: 'owner' });
    for (const path of ['/audit', '/audit?tenant=acme', '/audit/export']) {
      const reply = await vault.admin('GET', path, undefined, body.admin_token);
      expect([reply.status, reply.body.error]).toEqual([403, 'forbidden']);
    }
  });
});
