/** What a replica on PostgreSQL need not read anew, and what it does not hold a tenant's row for: services may be very large. */
import { type Kysely, type QueryResult, sql, type UnknownRow } from 'kysely';
import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ServiceSubject } from '../../src/storage/configuration.ts';
import { Lane } from '../../src/storage/postgres/lane.ts';
import { Subjects } from '../../src/storage/postgres/subjects.ts';
import type { Tables } from '../../src/storage/rows.ts';
import { findByFingerprints, updateKey } from '../../src/storage/tables/provider-keys.ts';
import { updateService } from '../../src/storage/tables/services.ts';
import { nameOfToken } from '../../src/vault/digests.ts';
import { openPostgresRoom, type PostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, reasonOf } from '../support/storage-room.ts';

const misses = (room: PostgresRoom) => room.engine.vitals().caches.services?.misses ?? 0;

/** Keeps a table from being read; what is returned lets it be read again. */
const lockTable = (room: PostgresRoom, table: string) =>
  hold(room, `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);

/** The same of a tenant's row, which deliveries lock. */
const lockRow = (room: PostgresRoom, id: number) =>
  hold(room, `SELECT FROM tenants WHERE id = ${id} FOR NO KEY UPDATE`);

async function hold(room: PostgresRoom, lock: string): Promise<() => Promise<unknown>> {
  const client = new pg.Client({ connectionString: room.database.url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query(lock);
  return () => client.query('COMMIT');
}

/** Resolves when so many sessions are as `condition` says. */
async function untilSessions(room: PostgresRoom, condition: string, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const sessions = await room.rows(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND ${condition}`,
      );
      expect(sessions).toHaveLength(count);
    },
    { timeout: 5_000, interval: 20 },
  );
}

const WAITING = "wait_event_type = 'Lock'";

it('a service whose keys change faster than it can be loaded is read as a whole once, then what has changed', async () => {
  const room = await openPostgresRoom();
  const { id: tenantId, token } = await seedTenant(room, 'acme');
  const keys = Array.from({ length: 1_200 }, () => ({}));
  const { keyIds } = await seedService(room, tenantId, 'openai', { policy: 'usage' }, keys);
  let rows = 0;
  let changes = 0;
  const db = (room.engine.read as Kysely<Tables>).withPlugin({
    transformQuery: ({ node }: { node: never }) => node,
    /** As long as anything is loaded, the administration of the same replica changes a key, up to a point. */
    async transformResult({ result }: { result: QueryResult<UnknownRow> }) {
      rows += result.rows.length;
      if (result.rows.some((row) => 'sealed_key' in row) && ++changes <= 20) {
        const id = keyIds[changes] as number;
        await room.engine.write({ tenantId }, (unit) => updateKey(unit, id, { label: `changed ${changes}` }));
        const [head] = await room.rows<{ config_version: number }>(
          `SELECT config_version FROM tenants WHERE id = ${tenantId}`,
        );
        subjects.configurationChanged(tenantId, Number(head?.config_version));
      }
      return result;
    },
  } as never);
  const subjects = new Subjects(db);
  const lookup = { token: nameOfToken(token), digest: () => room.digests.ofToken(token), service: 'openai' };
  let state = subjects.find(lookup, room.engine.time());
  while (state instanceof Promise) {
    await state;
    state = subjects.find(lookup, room.engine.time());
  }
  expect(changes).toBeGreaterThan(20);
  const labels = [...(state.service?.config.keys ?? [])].map(({ label }) => label);
  expect(labels.filter((label) => label.startsWith('changed'))).toHaveLength(20);
  expect(rows).toBeLessThan(1_200 + 400);
});

it('a service that was loaded before another replica delivered is not taken for true because the one before it was', async () => {
  const room = await openPostgresRoom();
  const { id: tenantId, token } = await seedTenant(room, 'acme');
  await seedService(room, tenantId, 'openai', { policy: 'usage' }, [{}, {}]);
  let meanwhile: (() => Promise<void>) | null = null;
  const db = (room.engine.read as Kysely<Tables>).withPlugin({
    transformQuery: ({ node }: { node: never }) => node,
    /** The snapshot is taken, and the load not yet over. */
    async transformResult({ result }: { result: QueryResult<UnknownRow> }) {
      const run = result.rows.some((row) => 'starts_at' in row) ? meanwhile : null;
      if (run !== null) {
        meanwhile = null;
        await run();
      }
      return result;
    },
  } as never);
  const head = async () => {
    const [row] = await room.rows<{ config_version: string; last_seq: string }>(
      `SELECT config_version, last_seq FROM tenants WHERE id = ${tenantId}`,
    );
    return { config_version: Number(row?.config_version), last_seq: Number(row?.last_seq) };
  };
  const subjects = new Subjects(db);
  const lookup = { token: nameOfToken(token), digest: () => room.digests.ofToken(token), service: 'openai' };
  const find = async () => {
    for (;;) {
      const state = subjects.find(lookup, room.engine.time());
      if (!(state instanceof Promise)) return state.service as ServiceSubject;
      await state;
    }
  };
  answerOf(await room.deliver(token, 'openai'));
  const known = await find();
  subjects.compare(tenantId, await head());
  expect(subjects.isTrue(known)).toBe(true);
  await room.engine.write({ tenantId }, (unit) => updateService(unit, known.config.id, { name: 'Renamed' }));
  subjects.configurationChanged(tenantId, (await head()).config_version);
  meanwhile = async () => {
    answerOf(await room.deliver(token, 'openai'));
    // As under the lock that waited for it: what was remembered is brought up to date.
    const now = await head();
    subjects.compare(tenantId, now);
    if (known.day !== null) known.day.count = 2;
    subjects.confirm([known], tenantId, now.last_seq);
  };
  const loaded = await find();
  expect(meanwhile).toBeNull();
  expect(loaded.config.name).toBe('Renamed');
  expect([loaded.day?.count, subjects.isTrue(loaded)]).toEqual([1, false]);
});

describe('a replica that finds another one at the same service', () => {
  it('decides again upon what it has, without reading the service anew', async () => {
    const room = await openPostgresRoom();
    const other = await room.replica();
    const { id, token } = await seedTenant(room, 'acme');
    const keys = [{ weight: 3 }, { weight: 2, max_daily_requests: 11 }, {}];
    const { keyIds } = await seedService(room, id, 'openai', { policy: 'usage' }, keys);
    const alone = await seedService(room, id, 'alone', { policy: 'usage' }, keys);
    for (const each of [room, other]) answerOf(await each.deliver(token, 'openai'));
    const before = [misses(room), misses(other)];
    const order: number[] = [];
    for (let turn = 0; turn < 14; turn++) {
      const replica = turn % 2 === 0 ? room : other;
      // Each replica has forgotten by then that it has met the other.
      replica.advance(1_001);
      const answers = await Promise.all([1, 2, 3].map(() => replica.deliver(token, 'openai')));
      const inOrder = answers.map(answerOf).sort((one, two) => one.usage_today - two.usage_today);
      expect(inOrder.map(({ usage_today }) => usage_today)).toEqual([3, 4, 5].map((n) => n + 3 * turn));
      order.push(...inOrder.map(({ key_id }) => keyIds.indexOf(key_id)));
    }
    expect([misses(room), misses(other)]).toEqual(before);
    // In the same order as where nobody else is.
    const expected = [];
    for (let ordinal = 1; ordinal <= 44; ordinal++)
      expected.push(alone.keyIds.indexOf(answerOf(await room.deliver(token, 'alone')).key_id));
    expect(order).toEqual(expected.slice(2));
  });

  it('in a new limit day counts on from what the other has counted in it', async () => {
    const room = await openPostgresRoom();
    const other = await room.replica();
    const { id, token } = await seedTenant(room, 'acme');
    const limited = [{ max_daily_requests: 2 }, { max_daily_requests: 2 }];
    const { keyIds } = await seedService(room, id, 'openai', { policy: 'usage' }, limited);
    for (let ordinal = 1; ordinal <= 4; ordinal++)
      expect(answerOf(await other.deliver(token, 'openai')).usage_today).toBe(ordinal);
    expect(reasonOf(await room.deliver(token, 'openai'))).toBe('key daily limit reached');
    for (const changer of [null, other, room]) {
      for (const each of [room, other]) each.advance(43_200_000);
      expect(answerOf(await other.deliver(token, 'openai')).key_usage_today).toBe(1);
      await changer?.engine.write({ tenantId: id }, (unit) =>
        updateKey(unit, keyIds[0] as number, { label: 'changed' }),
      );
      for (const [usage_today, key_usage_today] of [
        [2, 1],
        [3, 2],
        [4, 2],
      ])
        expect(answerOf(await room.deliver(token, 'openai'))).toMatchObject({ usage_today, key_usage_today });
      for (const each of [room, other])
        expect(reasonOf(await each.deliver(token, 'openai'))).toBe('key daily limit reached');
    }
  });
});

it('the counters of a service are read along with its tenant where others deliver of it, and not because a unit held it', async () => {
  const room = await openPostgresRoom();
  const other = await room.replica();
  const { id, token } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai', { policy: 'usage' }, [{}, {}]);
  const lock = vi.spyOn(Lane.prototype, 'lock');
  const readCounters = vi.spyOn(Lane.prototype, 'readCounters');
  onTestFinished(() => void vi.restoreAllMocks());
  /** How many were read with the lock that a delivery waited for, and then. */
  const readWhileHeld = async () => {
    lock.mockClear();
    readCounters.mockClear();
    const unlock = await lockRow(room, id);
    const asking = room.deliver(token, 'openai');
    await untilSessions(room, WAITING, 1);
    await unlock();
    answerOf(await asking);
    const waited = lock.mock.calls.filter(([, wait]) => wait);
    return [waited.map(([, , subjects]) => subjects.length), readCounters.mock.calls.length];
  };
  answerOf(await room.deliver(token, 'openai'));
  expect(await readWhileHeld()).toEqual([[0], 0]);
  answerOf(await other.deliver(token, 'openai'));
  expect(await readWhileHeld()).toEqual([[0], 1]);
  answerOf(await other.deliver(token, 'openai'));
  expect(await readWhileHeld()).toEqual([[1], 0]);
});

it('looking for keys by their fingerprints reads no others, though a service has just been given very many', async () => {
  const room = await openPostgresRoom();
  const { id: tenantId } = await seedTenant(room, 'acme');
  const service = await seedService(room, tenantId, 'openai', { policy: 'usage' }, [{}]);
  await room.rows('ANALYZE provider_keys');
  await room.rows(
    `INSERT INTO provider_keys SELECT (jsonb_populate_record(key, jsonb_build_object(
       'id', 1000 + number, 'position', number, 'fingerprint', '\\x' || lpad(to_hex(number), 64, '0')))).*
     FROM provider_keys AS key, generate_series(1, 5000) AS number WHERE id = ${service.keyIds[0]}`,
  );
  const wanted = Array.from({ length: 60 }, () => Buffer.alloc(32));
  for (const [at, fingerprint] of wanted.entries())
    fingerprint.writeUInt32BE(at < 30 ? 4_900 + at : 90_000 + at, 28);
  const reads = sql<{ count: number }>`
    SELECT (seq_tup_read + idx_tup_fetch)::int AS count FROM pg_stat_xact_user_tables WHERE relname = 'provider_keys'`;
  const { found, read } = await room.engine.write('nothing', async (unit) => {
    const found = await findByFingerprints(unit, service.id, wanted);
    return { found, read: (await reads.execute(unit)).rows[0]?.count };
  });
  expect([...found.values()].toSorted()).toEqual(Array.from({ length: 30 }, (_, at) => 5_900 + at));
  expect(read).toBeLessThanOrEqual(60);
});

it('a refusal that a replica has only in memory, and that holds no more, is not repeated while it asks', async () => {
  const room = await openPostgresRoom();
  const other = await room.replica();
  const { id, token } = await seedTenant(room, 'acme');
  const service = await seedService(room, id, 'openai', { enabled: 0 });
  expect(reasonOf(await room.deliver(token, 'openai'))).toBe('service disabled');
  await other.engine.write({ tenantId: id }, (unit) => updateService(unit, service.id, { enabled: 1 }));
  room.advance(1_001);
  const unlock = await lockRow(room, id);
  const asking = room.deliver(token, 'openai');
  await untilSessions(room, WAITING, 1);
  const meanwhile = room.deliver(token, 'openai');
  await unlock();
  expect([await asking, await meanwhile].map(reasonOf)).toEqual([null, null]);
});

describe('a delivery that waits for what it is decided upon to be loaded', () => {
  it('does not hold its tenant for it', async () => {
    const room = await openPostgresRoom();
    const other = await room.replica();
    const { id, token } = await seedTenant(room, 'acme');
    const { keyIds } = await seedService(room, id, 'openai');
    answerOf(await room.deliver(token, 'openai'));
    await other.engine.write({ tenantId: id }, (unit) =>
      updateKey(unit, keyIds[0] as number, { label: 'x' }),
    );
    const unlock = await lockTable(room, 'provider_keys');
    const delivery = room.deliver(token, 'openai');
    await untilSessions(room, WAITING, 1);
    await untilSessions(room, "state = 'idle in transaction' AND query LIKE '%tenants%'", 1);
    await untilSessions(room, "state = 'idle in transaction' AND query LIKE '%tenants%'", 0);
    await unlock();
    expect(answerOf(await delivery).usage_today).toBe(2);
    expect(room.failures).toEqual([]);
  });

  it('is refused when it has waited too long', async () => {
    const room = await openPostgresRoom();
    const { id, token } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    const unlock = await lockTable(room, 'provider_keys');
    const delivery = room.deliver(token, 'openai');
    const refused = expect(delivery).rejects.toMatchObject({ code: 'TIMEOUT' });
    await untilSessions(room, WAITING, 1);
    room.advance(10_000);
    await refused;
    await untilSessions(room, WAITING, 1);
    await unlock();
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(1);
  });
});
