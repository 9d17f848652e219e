import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_ORIGIN } from '../../../src/audit/entry.ts';
import { importKeys } from '../../../src/operations/keys/import-keys.ts';
import { readRows } from '../../../src/operations/keys/import-rows.ts';
import { KeyRoom } from '../../../src/operations/keys/key-room.ts';
import type { Vault } from '../../../src/operations/vault/vault.ts';
import type { Engine } from '../../../src/storage/engine.ts';
import { StorageError } from '../../../src/storage/errors.ts';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { testedEngine } from '../../support/start-vault.ts';

let acme: Acme;

beforeEach(async () => {
  acme = await startAcme();
  await acme.service({ slug: 's' });
});
afterEach(() => acme.vault.stop());

async function send(type: string, body: string | Uint8Array<ArrayBuffer>, service = 's') {
  const reply = await acme.vault.request(`/admin/v1${ACME}/services/${service}/keys/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${acme.vault.rootToken}`, 'content-type': type },
    body,
  });
  return reply;
}
const sendCsv = (text: string | Uint8Array<ArrayBuffer>, service?: string) => send('text/csv', text, service);
const sendJson = (value: unknown, service?: string) =>
  send('application/json', JSON.stringify(value), service);
const secret = (n: number) => `sk-import-${String(n).padStart(8, '0')}-secret`;
const many = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ label: `k${from + n}`, key: secret(from + n) }));
const countRows = async () =>
  Number(
    (
      await acme.vault.engine.read
        .selectFrom('provider_keys')
        .select((of) => of.fn.countAll().as('count'))
        .executeTakeFirstOrThrow()
    ).count,
  );

describe('importing keys', () => {
  it('takes what the single create takes as a JSON array, in order; the first is current', async () => {
    const reply = await sendJson([
      { label: 'a', key: secret(1), tags: { team: 'x' }, expires_at: '2030-01-01T00:00:00Z' },
      { label: 'b', key: secret(2), weight: 3, max_daily_requests: 5, position: 7 },
      { label: 'c', key: secret(3) },
    ]);
    const [a, b, c] = await acme.keys('s');
    expect([reply.status, reply.body]).toEqual([
      200,
      { added: 3, rows: [a, b, c].map((key, at) => ({ row: at + 1, id: key?.id })) },
    ]);
    expect(a).toMatchObject({ tags: { team: 'x' }, expires_at: '2030-01-01T00:00:00.000Z', position: 1 });
    expect(b).toMatchObject({ weight: 3, max_daily_requests: 5, position: 7 });
    expect(c).toMatchObject({ weight: 1, max_daily_requests: null, expires_at: null, tags: {}, position: 8 });
    expect(await acme.states('s')).toBe('a*active, b standby, c standby');
    expect((await acme.vault.next('service=s', { token: acme.token })).body.key).toBe(secret(1));
  });

  it('takes CSV with its columns in any order, quoted cells, a byte-order mark, CRLF and empty lines', async () => {
    const lines = [
      '\ufeffkey,label,weight,position,max_daily_requests,expires_at',
      `"sk-with,comma-""quoted""","Two, words",2,,,`,
      '',
      `=cmd|' /C calc'!A0-key,@label,,5,9,2030-01-01T00:00:00Z`,
    ];
    const reply = await sendCsv(lines.join('\r\n'));
    expect(reply.body.rows).toEqual([
      { row: 1, id: expect.any(Number) },
      { row: 2, id: expect.any(Number) },
    ]);
    const [one, two] = await acme.keys('s');
    expect(one).toMatchObject({ label: 'Two, words', weight: 2, position: 1, max_daily_requests: null });
    expect(two).toMatchObject({ label: '@label', weight: 1, position: 5, max_daily_requests: 9 });
    expect((await acme.vault.next('service=s', { token: acme.token })).body.key).toBe(
      'sk-with,comma-"quoted"',
    );
  });

  it('puts a row without a position behind all before it, in the service and in the body', async () => {
    await acme.key('s', 'old', { position: 4 });
    const [one, two, three, four] = many(0, 4);
    await sendJson([one, { ...two, position: 9 }, { ...three, position: 2 }, four]);
    const places = (await acme.keys('s')).map(({ label, position }) => `${label}@${position}`);
    expect(places).toEqual(['k2@2', 'old@4', 'k0@5', 'k1@9', 'k3@10']);
  });

  it('under usage has every key active at once', async () => {
    await acme.service({ slug: 'u', policy: 'usage' });
    await sendJson(many(0, 3), 'u');
    expect(await acme.states('u')).toBe('k0 active, k1 active, k2 active');
  });

  it('reports a key that is there already, in the vault or earlier in the body, and adds the others', async () => {
    const { id } = await acme.key('s', 'old', { key: secret(1) });
    const reply = await sendJson([...many(1, 2), { label: 'again', key: secret(2) }, ...many(3, 1)]);
    expect(reply.body).toEqual({
      added: 2,
      rows: [
        { row: 1, error: `the same key as key ${id} of the service` },
        { row: 2, id: expect.any(Number) },
        { row: 3, error: 'the same key as row 2' },
        { row: 4, id: expect.any(Number) },
      ],
    });
    expect((await acme.keys('s')).map(({ label }) => label)).toEqual(['old', 'k2', 'k3']);
    expect((await sendJson(many(1, 3))).body.added).toBe(0);
  });

  it('reports each row that is no key with its reason, and repeats nothing of any key', async () => {
    const hidden = 'sk-hidden-canary-0001';
    const rows = [
      { label: 'ok', key: secret(1) },
      { label: '', key: `${hidden}1` },
      { label: 'x', key: ` ${hidden}2` },
      { label: 'x', key: `${hidden}3`, weight: 0 },
      { label: 'x', key: `${hidden}4`, expires_at: '2020-01-01T00:00:00Z' },
      { label: 'x', key: `${hidden}5`, [hidden]: 1 },
      { label: 'x', key: `${hidden}6`, max_requests: 1, Note: 'x' },
      { label: 'x' },
      hidden,
      [hidden],
      null,
    ];
    const reply = await sendJson(rows);
    expect(reply.body.added).toBe(1);
    const errors = reply.body.rows.slice(1).map(({ error }: { error: string }) => error);
    expect(errors.slice(0, 6)).toEqual([
      'label: must not be empty',
      'key: must not begin or end with whitespace or a line break',
      'weight: must be at least 1',
      'expires_at: must be in the future',
      'unknown member (what stands for its name may be a key)',
      'unknown member "max_requests"; unknown member "Note"',
    ]);
    expect(errors[6]).toBe('key: is required');
    expect(errors.slice(7)).toEqual(['the row is no object', 'the row is no object', 'the row is no object']);
    expect(reply.text).not.toContain('canary');
  });

  it('reports rows of CSV that are wrong, by the number of the row', async () => {
    const hidden = 'sk-hidden-canary-0001';
    const csv = `label,key,weight\nx,${hidden}1,heavy\nx,${hidden}2\nx,${hidden}3,1,${hidden}\n,${hidden}4,1\nok,${secret(1)},\n`;
    const reply = await sendCsv(csv);
    expect(reply.body.rows).toEqual([
      { row: 1, error: 'weight: must be a whole number' },
      { row: 2, error: 'the row has 2 cells, the header 3' },
      { row: 3, error: 'the row has 4 cells, the header 3' },
      { row: 4, error: 'label: must not be empty' },
      { row: 5, id: expect.any(Number) },
    ]);
    expect(reply.text).not.toContain('canary');
  });

  it.each([
    ['application/json', `[{"label":"a","key":"${secret(1)}"},`],
    ['application/json', `[{"label":"a","key":"${secret(1)}"}`],
    ['application/json', `[{"label":"a","key":"${secret(1)}"}] tail`],
    ['application/json', `[{"label":"a","key":"${secret(1)}"},]`],
    ['application/json', `[{"label":"a","key":"${secret(1)}"} {"label":"b","key":"${secret(2)}"}]`],
    ['application/json', `[{"label":"a","key":"${secret(1)}]`],
    ['application/json', `${secret(1)}`],
    ['application/json', ''],
    ['text/csv', `label,key\na,${secret(1)}\nb,"${secret(2)}`],
    ['text/csv', `label,key\na,${secret(1)}\nb,"${secret(2)}"tail\n`],
    ['text/csv', `label,key\na,${secret(1)}\nb,sk"${secret(2)}"\n`],
    ['text/csv', `a,${secret(1)}\nb,${secret(2)}\n`],
    ['text/csv', `label\na\n`],
    ['text/csv', `label,key,key\na,${secret(1)},${secret(2)}\n`],
    ['text/csv', `label,key,tags\na,${secret(1)},x\n`],
    ['text/csv', ''],
  ])('adds nothing of a body that is broken: %s %j', async (type, body) => {
    const reply = await send(type, body);
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid request']);
    expect(reply.text).not.toContain('sk-');
    expect(await countRows()).toBe(0);
  });

  it('adds nothing of a body with a row that would hold up others while it is parsed', async () => {
    const reply = await sendJson([...many(0, 1), { label: 'b'.repeat(262_144), key: secret(2) }]);
    expect([reply.status, reply.body.detail]).toEqual([
      400,
      'A row has more than 262144 characters: no key needs so many.',
    ]);
    expect(await countRows()).toBe(0);
  });

  it('finds a break behind thousands of good rows before it adds the first', async () => {
    const good = many(0, 3000)
      .map(({ label, key }) => `${label},${key}`)
      .join('\n');
    expect((await sendCsv(`label,key\n${good}\nx,"open`)).status).toBe(400);
    const json = JSON.stringify(many(0, 3000));
    expect((await send('application/json', `${json.slice(0, -1)},{]`)).status).toBe(400);
    expect(await countRows()).toBe(0);
  });

  it('takes JSON and CSV alone, and JSON as an array', async () => {
    expect((await send('text/plain', 'label,key\n')).status).toBe(415);
    expect((await sendJson({ label: 'a', key: secret(1) })).status).toBe(422);
    expect((await send('Application/JSON; charset=utf-8', '[]')).body).toEqual({ added: 0, rows: [] });
    expect((await send('text/csv; header=present', 'label,key\n')).body).toEqual({ added: 0, rows: [] });
  });

  it.each([
    ['text/csv', `label,key\nok,${secret(1)}\na,sk-\xe9(x\n`],
    ['text/csv', `label,key\nok,${secret(1)}\ncaf\xe9,${secret(2)}\n`],
    [
      'application/json',
      `[{"label":"ok","key":"${secret(1)}"},\n\n{"label":"caf\xe9","key":"${secret(2)}"}]`,
    ],
  ])('adds nothing of a %s whose bytes are no UTF-8, and says where: %j', async (type, text) => {
    const reply = await send(type, new Uint8Array(Buffer.from(text, 'latin1')));
    const detail = 'The body is not UTF-8, or was damaged before: look in line 3 for what is no text.';
    expect([reply.status, reply.body.detail]).toEqual([400, detail]);
    expect(await countRows()).toBe(0);
    expect((await send(`${type}; charset=latin1`, new Uint8Array(Buffer.from(text, 'latin1')))).status).toBe(
      200,
    );
  });

  it('counts lines before bytes that are no UTF-8 as far as that holds up nobody', async () => {
    const { status, body } = await sendCsv(
      new Uint8Array(Buffer.from(`${'\n'.repeat(200_000)}\xe9`, 'latin1')),
    );
    expect([status, body.detail]).toEqual([400, expect.stringContaining(': look behind line 100000 for')]);
  });

  it('reports a row that has a member twice, or text that is none, and adds the others', async () => {
    const rows = [
      `{"label":"a","key":"${secret(1)}","label":"b"}`,
      `{"label":"a","key":"${secret(1)}","k\\u0065y":"${secret(2)}"}`,
      `{"label":"a","key":"${secret(1)}","tags":{"a":"1","a":"2"}}`,
      `{"label":"half \\ud83d","key":"${secret(1)}"}`,
      `{"label":"a","key":"${secret(1)}","tags":{"\\udd11":"1"}}`,
      `{"label":"a","key":"${secret(1)}","tags":{"__proto__":"1"}}`,
      `{"label":"a","key":"${secret(1)}","tags":{"label":"whole \\ud83d\\udd11"}}`,
    ];
    const reply = await send('application/json', `[${rows.join(',')}]`);
    expect(reply.body).toEqual({
      added: 1,
      rows: [
        { row: 1, error: 'member "label" is there twice' },
        { row: 2, error: 'member "key" is there twice' },
        { row: 3, error: 'member "a" is there twice' },
        { row: 4, error: 'label: holds half of a character (a lone surrogate): send whole ones' },
        { row: 5, error: 'tags: has a name with half of a character (a lone surrogate): send whole ones' },
        { row: 6, error: 'tags: has a name that cannot be used' },
        { row: 7, id: expect.any(Number) },
      ],
    });
    expect((await acme.keys('s')).map(({ tags }) => tags)).toEqual([{ label: 'whole 🔑' }]);
  });

  it('keeps characters that lie across the slices it is read in', async () => {
    const keys = Array.from({ length: 2500 }, (_, n) => `🔑-${n}-${'é🔑'.repeat(12)}`);
    const reply = await sendCsv(`label,key\n${keys.map((key, n) => `k${n},${key}`).join('\n')}`);
    expect(reply.body.added).toBe(keys.length);
    await acme.vault.admin('PATCH', `${ACME}/services/s`, { policy: 'usage' });
    const delivered = new Set<string>();
    for (let n = 0; n < 40; n++) {
      delivered.add((await acme.vault.next('service=s', { token: acme.token })).body.key);
    }
    expect([...delivered]).toEqual(keys.slice(0, 40));
  });

  it('adds thousands at once, an audit entry for each unit of at most 200', async () => {
    const after = await acme.lastAuditId();
    const reply = await sendJson(many(0, 1201));
    expect([reply.status, reply.body.added, reply.body.rows.length]).toEqual([200, 1201, 1201]);
    expect(await countRows()).toBe(1201);
    expect((await acme.show('s')).keys).toBe(1201);
    const entries = await acme.vault.engine.read
      .selectFrom('audit_entries')
      .select(['type', 'target', 'after'])
      .where('id', '>', after)
      .where('type', '=', 'key.imported')
      .orderBy('id')
      .execute();
    const { rows } = reply.body;
    let told = 0;
    for (const entry of entries) {
      const { count, ...ids } = JSON.parse(entry.after ?? '');
      expect(count).toBeLessThanOrEqual(200);
      expect(ids).toEqual({ first_key_id: rows[told].id, last_key_id: rows[told + count - 1].id });
      told += count;
    }
    expect(told).toBe(1201);
    const positions = await acme.vault.engine.read
      .selectFrom('provider_keys')
      .select('position')
      .orderBy('id')
      .execute();
    expect(positions.map(({ position }) => position)).toEqual(Array.from({ length: 1201 }, (_, n) => n + 1));
  });

  it('keeps what was added before storage failed, and says which rows to send again', async () => {
    const { vault } = acme.vault.jobs;
    const path = { tenant: 'acme', service: 's' };
    const body = { type: 'application/json', text: JSON.stringify(many(0, 1201)) };
    const failingFrom = (failing: number): Vault => {
      let units = 0;
      const write: Engine['write'] = (scope, work) => {
        if (++units >= failing) return Promise.reject(new StorageError('SQLITE_FULL', 'the disk is full'));
        return vault.engine.write(scope, work);
      };
      const engine = { read: vault.engine.read, time: () => vault.engine.time(), write };
      return { ...vault, engine: engine as Engine };
    };
    await expect(importKeys(failingFrom(1), SYSTEM_ORIGIN, path, body)).rejects.toThrow(StorageError);
    expect(await countRows()).toBe(0);
    const { added, rows } = await importKeys(failingFrom(2), SYSTEM_ORIGIN, path, body);
    expect(added).toBeGreaterThan(0);
    expect([await countRows(), rows.length]).toEqual([added, 1201]);
    const error = 'not added, for storage failed: send it again';
    const left = Array.from({ length: 1201 - added }, (_, n) => ({ row: added + 1 + n, error }));
    expect(rows.slice(added)).toEqual(left);
    expect((await importKeys(vault, SYSTEM_ORIGIN, path, body)).added).toBe(1201 - added);
  });

  it('adds fewer keys at a time where storage is slow, and more where it is quick', async () => {
    const { vault } = acme.vault.jobs;
    const counts = async (from: number, waitMs: number) => {
      const last = await acme.lastAuditId();
      const write: Engine['write'] = (scope, work) =>
        vault.engine.write(scope, async (unit) => {
          await pause(waitMs);
          return work(unit);
        });
      const engine = { read: vault.engine.read, time: () => vault.engine.time(), write } as Engine;
      const body = { type: 'application/json', text: JSON.stringify(many(from, 1000)) };
      await importKeys({ ...vault, engine }, SYSTEM_ORIGIN, { tenant: 'acme', service: 's' }, body);
      const entries = await vault.engine.read
        .selectFrom('audit_entries')
        .select('after')
        .where('id', '>', last)
        .where('type', '=', 'key.imported')
        .execute();
      return entries.map(({ after }) => Number(JSON.parse(after ?? '').count));
    };
    expect(Math.max(...(await counts(0, 60)))).toBe(50);
    expect(Math.max(...(await counts(1000, 0)))).toBeGreaterThan(50);
  });

  it('leaves most of the time to deliveries: after a unit it rests for longer than the unit took', async () => {
    const { vault } = acme.vault.jobs;
    const units: { from: number; to: number }[] = [];
    const write: Engine['write'] = async (scope, work) => {
      const from = performance.now();
      const result = await vault.engine.write(scope, work);
      units.push({ from, to: performance.now() });
      return result;
    };
    const engine = { read: vault.engine.read, time: () => vault.engine.time(), write } as Engine;
    const body = { type: 'application/json', text: JSON.stringify(many(0, 2000)) };
    await importKeys({ ...vault, engine }, SYSTEM_ORIGIN, { tenant: 'acme', service: 's' }, body);
    expect(units.length).toBeGreaterThanOrEqual(4);
    for (const [at, { from, to }] of units.slice(0, -1).entries()) {
      expect((units[at + 1]?.from ?? 0) - to).toBeGreaterThan(2 * (to - from));
    }
  });

  it('lets deliveries through between its units', async () => {
    await acme.service({ slug: 'busy' });
    await acme.key('busy', 'one');
    let importing = true;
    const done = sendJson(many(0, 8000)).finally(() => {
      importing = false;
    });
    const seen = new Set<number>();
    while (importing) {
      expect(await acme.deliver('busy')).toBe('one');
      seen.add((await countRows()) - 1);
    }
    expect((await done).body.added).toBe(8000);
    const between = [...seen].filter((imported) => imported > 0 && imported < 8000);
    expect(between.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['application/json', JSON.stringify(many(0, 60_000))],
    [
      'text/csv',
      `label,key\n${many(0, 60_000)
        .map(({ label, key }) => `${label},${key}`)
        .join('\n')}`,
    ],
  ])('gives way to other work while it reads a large body of %s', async (type, text) => {
    let turns = 0;
    let reading = true;
    const turn = () => {
      turns++;
      if (reading) setImmediate(turn);
    };
    setImmediate(turn);
    let rows = 0;
    for await (const _ of readRows({ type, text })) rows++;
    reading = false;
    expect(rows).toBe(60_000);
    expect(turns).toBeGreaterThan(text.length / 8_000);
  });

  it('into a service of another tenant is answered like none', async () => {
    await acme.vault.admin('POST', '/tenants/rival/services', { slug: 'theirs' });
    const path = (slug: string) => `${ACME}/services/${slug}/keys/import`;
    await expectSameNotFound(acme.vault, 'POST', path('theirs'), path('none'), many(0, 1));
  });
});

it.skipIf(testedEngine === 'postgres')('a service takes a hundred thousand keys and no more', async () => {
  const { body } = await sendJson(many(0, 1));
  const { read } = acme.vault.engine;
  const like = await read
    .selectFrom('provider_keys')
    .selectAll()
    .where('id', '=', body.rows[0].id)
    .executeTakeFirstOrThrow();
  await acme.vault.engine.write({ tenantId: like.tenant_id }, (unit) =>
    sql`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 99990)
      INSERT INTO provider_keys (id, tenant_id, service_id, label, sealed_key, fingerprint, state, weight, position,
        max_daily_requests, expires_at, tags, activated_at, retires_at, disabled_reason, auto_enable_at,
        decrypt_failed_at, created_at, updated_at, version)
      SELECT 1000 + n, tenant_id, service_id, label, sealed_key,
        CAST(printf('%032d', n) AS BLOB), state, weight, 1000 + n, max_daily_requests, expires_at, tags, activated_at,
        retires_at, disabled_reason, auto_enable_at, decrypt_failed_at, created_at, updated_at, version
      FROM numbers, provider_keys WHERE id = ${like.id}`.execute(unit),
  );
  await acme.vault.engine.write('nothing', (unit) =>
    unit.updateTable('sequences').set({ last: 200_000 }).where('name', '=', 'provider_keys').execute(),
  );
  const room = new KeyRoom(like.service_id);
  const roomFor = (wanted: number) => acme.vault.engine.write('nothing', (unit) => room.of(unit, wanted));
  expect(await roomFor(5)).toBe(5);
  // Others add some meanwhile.
  for (let number = 30; number < 37; number++)
    await acme.vault.admin('POST', `${ACME}/services/s/keys`, { label: 'x', key: secret(number) });
  expect([await roomFor(1), await roomFor(5)]).toEqual([1, 2]);
  const reply = await sendJson(many(10, 4));
  const error = 'the service has 100000 keys, and takes no more';
  expect(reply.body).toEqual({
    added: 2,
    rows: [
      { row: 1, id: 200_008 },
      { row: 2, id: 200_009 },
      { row: 3, error },
      { row: 4, error },
    ],
  });
  const single = await acme.vault.admin('POST', `${ACME}/services/s/keys`, { label: 'x', key: secret(99) });
  expect([single.status, single.body.detail]).toEqual([
    409,
    'A service has at most 100000 keys: add it to another one.',
  ]);
});
