import { afterEach, beforeEach, expect, it } from 'vitest';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const EXPORT = '/tenants/acme/audit/export';
let vault: TestVault;

beforeEach(async () => {
  vault = await startVault();
  for (const slug of ['acme', 'rival']) await vault.admin('POST', '/tenants', { slug });
});

afterEach(() => vault.stop());

/** Adds entries of changes that never were. */
async function addEntries(count: number): Promise<void> {
  const { id } = await vault.engine.read
    .selectFrom('tenants')
    .select('id')
    .where('slug', '=', 'acme')
    .executeTakeFirstOrThrow();
  const like = await vault.engine.read
    .selectFrom('audit_entries')
    .selectAll()
    .where('tenant_id', '=', id)
    .executeTakeFirstOrThrow();
  const { id: _id, ...row } = like;
  for (let made = 0; made < count; made += 500) {
    const rows = Array.from({ length: Math.min(500, count - made) }, (_, at) => ({
      ...row,
      reason: `number ${made + at}`,
    }));
    await vault.engine.write('nothing', (unit) => unit.insertInto('audit_entries').values(rows).execute());
  }
}

it('is every entry of the tenant, oldest first, a line each, as the list shows them', async () => {
  await vault.admin('POST', '/tenants/acme/services', { slug: 'openai', name: '=1+1' });
  await vault.admin('PATCH', '/tenants/acme', { name: 'Acme, "Inc."' });
  const list = (await vault.admin('GET', '/tenants/acme/audit')).body.data;
  const reply = await vault.admin('GET', EXPORT);
  expect(reply.headers.get('content-type')).toBe('application/x-ndjson');
  expect(reply.headers.get('content-disposition')).toBe('attachment; filename="audit-acme.ndjson"');
  const lines = reply.text.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(list.toReversed());
});

it('as CSV is the same in the columns of its first line', async () => {
  await vault.admin('POST', '/tenants/acme/apps', { name: 'a' });
  await vault.admin('POST', '/tenants/acme/apps/1/disable', { reason: '=cmd|calc' });
  const reply = await vault.admin('GET', `${EXPORT}?format=csv`);
  expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  const [head, ...lines] = reply.text.trimEnd().split('\r\n');
  expect(head).toBe(
    'id,at,type,actor_kind,actor_id,actor_name,actor_role,ip,target,outcome,reason,before,after,request_id',
  );
  expect(lines).toHaveLength(3);
  expect(lines[2]).toContain(",app:1,success,'=cmd|calc,");
});

it('is of the time that is asked for', async () => {
  vault.advance(60_000);
  await vault.admin('PATCH', '/tenants/acme', { name: 'one' });
  vault.advance(60_000);
  await vault.admin('PATCH', '/tenants/acme', { name: 'two' });
  const names = async (query: string) => {
    const { text } = await vault.admin('GET', `${EXPORT}?${query}`);
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).after.name]));
  };
  expect(await names('from=2026-03-01T12:01:00Z&to=2026-03-01T12:02:00Z')).toEqual(['one']);
  expect(await names('from=2026-03-01T12:01:00Z')).toEqual(['one', 'two']);
  expect(await names('to=2026-03-01T12:00:00Z')).toEqual([]);
  const wrong = await vault.admin('GET', `${EXPORT}?format=xlsx`);
  expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid request']);
});

it('is whole where it is long', async () => {
  await addEntries(3_000);
  const { text } = await vault.admin('GET', EXPORT);
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(3_001);
  expect(JSON.parse(lines[3_000] ?? '').reason).toBe('number 2999');
});
