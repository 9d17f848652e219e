import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { fetch } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  type QueryOf,
  refusalOf,
  statusOf,
} from '../../support/admin-client.ts';
import { addAuditEntries, type MadeEntries } from '../../support/audit-entries.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const APPS = '/admin/v1/tenants/{tenant}/apps';
const EXPORT = '/admin/v1/tenants/{tenant}/audit/export';
let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
  for (const slug of ['acme', 'rival']) await made(client.POST(TENANTS, { body: { slug } }));
});

afterEach(() => vault.stop());

const addEntries = (count: number, more: Omit<MadeEntries, 'count'> = {}) =>
  addAuditEntries(vault.engine, 'acme', { count, ...more });

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** One that comes as text, read to its end. */
const exportText = (query: QueryOf<'exportAudit'> = {}, tenant = 'acme') =>
  client.GET(EXPORT, { params: { path: { tenant }, query }, parseAs: 'text' });

const list = async () => (await dataOf(client.GET('/admin/v1/tenants/{tenant}/audit', inAcme()))).data;

const rename = (name: string) =>
  dataOf(client.PATCH('/admin/v1/tenants/{tenant}', { ...inAcme(), body: { name } }));

const disableApp = ({ id }: { id: number }, reason: string) =>
  dataOf(
    client.POST('/admin/v1/tenants/{tenant}/apps/{id}/disable', { ...inAcme({ id }), body: { reason } }),
  );

/** The answer to a request that nobody has read yet. */
async function exported(query: string, signal?: AbortSignal) {
  const headers = { authorization: `Bearer ${vault.rootToken}` };
  const response = await fetch(`${vault.url}/admin/v1/tenants/acme/audit/export?${query}`, {
    headers,
    ...(signal === undefined ? {} : { signal }),
  });
  expect(response.status).toBe(200);
  return response;
}

/** Counts the pages that are read from here on. */
function countPages() {
  const selectFrom = vi.spyOn(vault.engine.read, 'selectFrom');
  return () => selectFrom.mock.calls.filter(([table]) => (table as unknown) === 'audit_entries').length;
}

/** Resolves with what `count` comes to stay at for half a second. */
async function settled(count: () => number): Promise<number> {
  for (let last = -1; last !== count(); await pause(500)) last = count();
  return count();
}

it('is every entry of the tenant, oldest first, a line each, as the list shows them', async () => {
  const service = { slug: 'openai', name: '=1+1' };
  await made(client.POST('/admin/v1/tenants/{tenant}/services', { ...inAcme(), body: service }));
  await rename('Acme, "Inc."');
  const entries = await list();
  const { data, response } = await exportText();
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit-acme.ndjson"');
  expect(lines(data ?? '')).toEqual(entries.toReversed());
});

it('as CSV is the same in the columns of its first line', async () => {
  const app = await made(client.POST(APPS, { ...inAcme(), body: { name: 'a' } }));
  await disableApp(app, '=cmd|calc');
  const { data = '', response } = await exportText({ format: 'csv' });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  const [head, ...lines] = data.trimEnd().split('\r\n');
  expect(head).toBe(
    'id,at,type,actor_kind,actor_id,actor_name,actor_role,ip,target,outcome,reason,before,after,request_id',
  );
  expect(lines).toHaveLength(3);
  expect(lines[2]).toContain(",app:1,success,'=cmd|calc,");
});

it('is of the time that is asked for', async () => {
  vault.advance(60_000);
  await rename('one');
  vault.advance(60_000);
  await rename('two');
  const names = async (query: QueryOf<'exportAudit'>) => {
    const text = await dataOf(exportText(query));
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).after.name]));
  };
  expect(await names({ from: '2026-03-01T12:01:00Z', to: '2026-03-01T12:02:00Z' })).toEqual(['one']);
  expect(await names({ from: '2026-03-01T12:01:00Z' })).toEqual(['one', 'two']);
  expect(await names({ to: '2026-03-01T12:00:00Z' })).toEqual([]);
  const wrong = await vault.admin('GET', '/tenants/acme/audit/export?format=xlsx');
  expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid request']);
});

it('is whole where it is long, and finds what is at its end', async () => {
  await addEntries(12_000, { at: Date.parse('2026-01-01T00:00:00Z') });
  await rename('last');
  const whole = lines(await dataOf(exportText()));
  expect(whole).toHaveLength(12_002);
  expect(whole[12_000].reason).toBe('number 11999');
  const end = lines(await dataOf(exportText({ from: '2026-03-01T00:00:00Z' })));
  expect(end.map(({ type }) => type)).toEqual(['tenant.created', 'tenant.updated']);
});

it('has each entry that was there when it began, once, and none that was written since', async () => {
  await addEntries(20_000, { after: () => ({ text: 'x'.repeat(1_000) }) });
  const pages = countPages();
  const response = await exported('');
  await settled(pages);
  await addEntries(1_000);
  const entries = lines(await response.text());
  expect(entries.slice(1).map(({ reason }) => reason)).toEqual(
    Array.from({ length: 20_000 }, (_, at) => `number ${at}`),
  );
});

describe('as Parquet', () => {
  const read = async (query = '') => {
    const response = await exported(`format=parquet${query}`);
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit-acme.parquet"');
    return response.arrayBuffer();
  };

  it('has every member in a type of its own', async () => {
    const body = { name: 'Zoë "1"', tags: { team: '=1' } };
    await disableApp(await made(client.POST(APPS, { ...inAcme(), body })), 'späte Rechnung');
    const entries = await list();
    const file = await read();
    expect(await parquetReadObjects({ file })).toEqual(
      entries.toReversed().map(({ id, at, actor, ...entry }) => ({
        ...entry,
        id: BigInt(id),
        at: new Date(at),
        actor_kind: actor.kind,
        actor_id: actor.id === null ? null : BigInt(actor.id),
        actor_name: actor.name,
        actor_role: actor.role,
      })),
    );
    const types = parquetMetadata(file).schema.slice(1);
    expect(types.map(({ name, type, converted_type }) => [name, converted_type ?? type])).toEqual([
      ['id', 'INT64'],
      ['at', 'TIMESTAMP_MILLIS'],
      ['type', 'UTF8'],
      ['actor_kind', 'UTF8'],
      ['actor_id', 'INT64'],
      ['actor_name', 'UTF8'],
      ['actor_role', 'UTF8'],
      ['ip', 'UTF8'],
      ['target', 'UTF8'],
      ['outcome', 'UTF8'],
      ['reason', 'UTF8'],
      ['before', 'JSON'],
      ['after', 'JSON'],
      ['request_id', 'UTF8'],
    ]);
  });

  it('is whole where it is long, in groups of rows', async () => {
    await addEntries(5_000, { after: () => ({ list: [1, null, { deep: true }] }) });
    const file = await read();
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(5_001);
    expect(rows[5_000]).toMatchObject({ reason: 'number 4999', after: { list: [1, null, { deep: true }] } });
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      2_010, 2_000, 991,
    ]);
  });

  it('of a time without entries is a file without rows', async () => {
    expect(await parquetReadObjects({ file: await read('&to=2020-01-01T00:00:00Z') })).toEqual([]);
  });
});

describe.each(['ndjson', 'csv', 'parquet'])('an export as %s', (format) => {
  const ENTRIES = 30_000;
  const PAGES = ENTRIES / 50;
  /** Of which nothing can be left out. */
  const after = () => ({ text: randomBytes(750).toString('base64') });

  it('is read no faster than it is taken', async () => {
    await addEntries(ENTRIES, { after });
    const pages = countPages();
    const response = await exported(`format=${format}`);
    expect(await settled(pages)).toBeLessThan(PAGES / 2);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(ENTRIES * 1_000);
    expect(pages()).toBeGreaterThan(PAGES);
  });

  it('that nobody waits for any more is not read to its end', async () => {
    await addEntries(ENTRIES, { after });
    const pages = countPages();
    const gone = new AbortController();
    await exported(`format=${format}`, gone.signal);
    gone.abort();
    expect(await settled(pages)).toBeLessThan(PAGES / 2);
  });
});

it('is sent to four at once of a tenant, and to the next when one of them is over or gone', async () => {
  await addEntries(3_000, { after: () => ({ name: randomBytes(2_000).toString('hex') }) });
  const gone = Array.from({ length: 4 }, () => new AbortController());
  // Kept: an answer that nobody holds any more is given up.
  const underWay: unknown[] = [];
  for (const { signal } of gone) underWay.push(await exported('', signal));
  const call = exportText();
  const { status, error } = await refusalOf(call);
  expect([status, error]).toEqual([429, 'rate limit exceeded']);
  expect((await call).response.headers.get('retry-after')).toBe('10');
  expect(await statusOf(exportText({}, 'rival'))).toBe(200);
  gone[0]?.abort();
  const later = () => statusOf(exportText({ from: '2030-01-01T00:00:00Z' }));
  await expect.poll(later, { timeout: 10_000 }).toBe(200);
  for (const each of gone) each.abort();
  expect(underWay).toHaveLength(4);
});

it('leaves nothing in the log but its request where the reader goes away', async () => {
  const logLines: string[] = [];
  const logging = await startVault({ logLines });
  const loggingClient = adminClient(logging);
  await made(loggingClient.POST(TENANTS, { body: { slug: 'acme' } }));
  await addAuditEntries(logging.engine, 'acme', {
    count: 3_000,
    after: () => ({ text: 'x'.repeat(2_000) }),
  });
  const send = (signal: AbortSignal) =>
    fetch(`${logging.url}/admin/v1/tenants/acme/audit/export`, {
      headers: { authorization: `Bearer ${logging.rootToken}` },
      signal,
    });
  const gone = Array.from({ length: 4 }, () => new AbortController());
  for (const { signal } of gone) expect((await send(signal)).status).toBe(200);
  for (const each of gone) each.abort();
  const params = { path: { tenant: 'acme' }, query: { from: '2030-01-01T00:00:00Z' } };
  const later = () => statusOf(loggingClient.GET(EXPORT, { params, parseAs: 'text' }));
  await expect.poll(later, { timeout: 10_000 }).toBe(200);
  await logging.stop();
  expect(logLines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40)).toEqual([]);
});
