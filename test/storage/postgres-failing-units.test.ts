import { describe, expect, it } from 'vitest';
import {
  expectSound,
  judgeOnce,
  openBreakable,
  persistentCallers,
  storm,
} from '../support/postgres-failures.ts';
import { openPostgresRoom, type PostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, reasonOf } from '../support/storage-room.ts';

function addSetting(room: PostgresRoom, name: string, during: () => unknown = () => {}): Promise<void> {
  return room.engine.write('nothing', async (unit) => {
    await unit
      .insertInto('settings')
      .values({ name, value: Buffer.alloc(1) })
      .execute();
    await during();
  });
}

async function settings(room: PostgresRoom): Promise<string[]> {
  const rows = await room.rows<{ name: string }>("SELECT name FROM settings WHERE name LIKE 'test%'");
  return rows.map(({ name }) => name);
}

const LOST = { name: 'StorageError', code: 'CONNECTION_LOST' };

describe('a unit whose connection to PostgreSQL is lost', () => {
  it('before its work has begun is made good', async () => {
    const { room, proxy } = await openBreakable();
    for (const [at, text] of ['BEGIN', 'unit_lock'].entries()) {
      const cut = judgeOnce(proxy, text, 'cut-before');
      await addSetting(room, `test-${at}`);
      await cut;
    }
    proxy.cut();
    await addSetting(room, 'test-2');
    expect(await settings(room)).toEqual(['test-0', 'test-1', 'test-2']);
  });

  it('in the middle of its work leaves nothing behind, and the next one works', async () => {
    const { room, proxy } = await openBreakable();
    const failing = room.engine.write('nothing', async (unit) => {
      for (const name of ['test-1', 'test-2']) {
        await unit
          .insertInto('settings')
          .values({ name, value: Buffer.alloc(1) })
          .execute();
        proxy.cut();
      }
    });
    await expect(failing).rejects.toMatchObject(LOST);
    await addSetting(room, 'test-3');
    expect(await settings(room)).toEqual(['test-3']);
  });

  it('while it waits for something else leaves nothing behind, and does not end the process', async () => {
    const { direct, room } = await openBreakable();
    const failing = addSetting(room, 'test-1', async () => {
      await direct.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'",
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await expect(failing).rejects.toMatchObject({ name: 'StorageError' });
    expect(await settings(direct)).toEqual([]);
    await addSetting(room, 'test-2');
  });

  it('before it is committed leaves nothing behind', async () => {
    const { room, proxy } = await openBreakable();
    const cut = judgeOnce(proxy, 'COMMIT', 'cut-before');
    await expect(addSetting(room, 'test-1')).rejects.toMatchObject(LOST);
    await cut;
    expect(await settings(room)).toEqual([]);
  });

  it('after it was committed fails for the caller, and binds the next delivery all the same', async () => {
    const { room, proxy, tenantId, token } = await openBreakable();
    // Nothing but the unit writes meanwhile.
    const cut = judgeOnce(proxy, 'COMMIT', 'cut-after');
    const failing = room.engine.write({ tenantId }, (unit) =>
      unit.deleteFrom('tokens').where('tenant_id', '=', tenantId).execute(),
    );
    await expect(failing).rejects.toMatchObject(LOST);
    await cut;
    expect(reasonOf(await room.deliver(token, 'openai'))).toBe('invalid token');
  });
});

it('a unit on PostgreSQL that goes on after a statement of its own has failed is not taken for committed', async () => {
  const room = await openPostgresRoom();
  await addSetting(room, 'test-1');
  const failing = room.engine.write('nothing', async (unit) => {
    await unit
      .insertInto('settings')
      .values({ name: 'test-3', value: Buffer.alloc(1) })
      .execute();
    await unit
      .insertInto('settings')
      .values({ name: 'test-1', value: Buffer.alloc(1) })
      .execute()
      .catch(() => {});
  });
  await expect(failing).rejects.toMatchObject({ name: 'StorageError' });
  expect(await settings(room)).toEqual(['test-1']);
});

describe('a replica that stands still in the middle of a unit', () => {
  it('holds up deliveries of no other tenant, and the rest no longer than five seconds', async () => {
    const { direct, room, proxy, tenantId, token } = await openBreakable();
    const other = await seedTenant(direct, 'other');
    await seedService(direct, other.id, 'openai');
    const begun = Promise.withResolvers<void>();
    const paused = Promise.withResolvers<void>();
    const standing = room.engine.write({ tenantId }, async (unit) => {
      await unit.deleteFrom('tokens').where('tenant_id', '=', tenantId).execute();
      begun.resolve();
      await paused.promise;
    });
    await begun.promise;
    proxy.freeze();
    const started = performance.now();
    const unit = addSetting(direct, 'test').then(() => performance.now() - started);
    const same = direct.deliver(token, 'openai').then(
      () => null,
      (error) => error.code as string,
    );
    for (let turn = 0; turn < 20; turn++) {
      const { codes, took } = await storm(direct, 10, other.token);
      expect(codes).toEqual([]);
      expect(took).toBeLessThan(1_000);
    }
    expect(await unit).toBeLessThan(6_000);
    expect(await same).toBeNull();
    expect(reasonOf(await direct.deliver(token, 'openai'))).toBeNull();
    // It wakes up, and has done nothing.
    proxy.thaw();
    paused.resolve();
    await expect(standing).rejects.toMatchObject({ name: 'StorageError' });
    expect(reasonOf(await room.deliver(token, 'openai'))).toBeNull();
  });
});

describe('deliveries of one tenant on PostgreSQL', () => {
  it('are not held up by a long unit of another', async () => {
    const room = await openPostgresRoom();
    const [one, other] = [await seedTenant(room, 'one'), await seedTenant(room, 'other')];
    for (const { id } of [one, other]) await seedService(room, id, 'openai');
    answerOf(await room.deliver(one.token, 'openai'));
    answerOf(await room.deliver(other.token, 'openai'));
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const long = room.engine.write({ tenantId: one.id }, () => {
      begun.resolve();
      return over.promise;
    });
    await begun.promise;
    const blocked = storm(room, 200, one.token);
    for (let turn = 0; turn < 20; turn++) {
      const { codes, took } = await storm(room, 5, other.token);
      expect(codes).toEqual([]);
      expect(took).toBeLessThan(500);
    }
    over.resolve();
    await long;
    expect((await blocked).codes).toEqual([]);
  });

  it('are not held up by a flood of another', async () => {
    const room = await openPostgresRoom();
    const [hot, calm] = [await seedTenant(room, 'hot'), await seedTenant(room, 'calm')];
    for (const { id } of [hot, calm]) await seedService(room, id, 'openai');
    for (const { token } of [hot, calm]) answerOf(await room.deliver(token, 'openai'));
    // The first of the calm one comes together with the flood, and is locked together with it.
    const flood = persistentCallers(room, 2_000, hot.token);
    const times: number[] = [];
    for (let turn = 0; turn < 20; turn++) times.push((await storm(room, 1, calm.token)).took);
    await flood.stop();
    expect(flood.codes).toEqual(new Set());
    expect(times.sort((a, b) => a - b)[10]).toBeLessThan(250);
    const rows = await room.rows<{ usage_today: number }>(
      `SELECT usage_today FROM deliveries WHERE tenant_id = ${calm.id} ORDER BY seq`,
    );
    expect(rows).toHaveLength(21);
  });
});

it('a tenant that is deleted while its deliveries wait leaves none of them without an answer', async () => {
  const { direct, room, tenantId, token } = await openBreakable();
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const deleting = direct.engine.write({ tenantId }, async (unit) => {
    await unit.deleteFrom('tenants').where('id', '=', tenantId).execute();
    begun.resolve();
    await over.promise;
  });
  await begun.promise;
  const waiting = Array.from({ length: 20 }, () => room.deliver(token, 'openai'));
  over.resolve();
  await deleting;
  for (const outcome of await Promise.all(waiting)) expect(reasonOf(outcome)).toBe('invalid token');
  await expectSound(direct.database);
});
