/** A batch of which nobody knows at first whether it was committed: it is charged once, and answered once it is safe. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../support/postgres-cluster.ts';
import { queryAt, type TestDatabase } from '../support/postgres-database.ts';
import { databaseOn, expectSound, judgeOnce, openBreakable, storm } from '../support/postgres-failures.ts';
import { startInstance } from '../support/postgres-instance.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf, reasonOf } from '../support/storage-room.ts';

describe('a batch that reaches PostgreSQL after its connection was lost', () => {
  it('while another in its place is in doubt as well is found, answered and not charged again', async () => {
    const { direct, room, proxy, token } = await openBreakable();
    const held = judgeOnce(proxy, 'EXECUTE write_batch_if_unmoved', 'hold-back');
    const first = storm(room, 3, token);
    await held;
    const cut = judgeOnce(proxy, 'EXECUTE write_batch(', 'cut-before');
    // They go into the second batch, and are in none that was committed.
    const second = storm(room, 2, token);
    await cut;
    proxy.refuse(true);
    const locking =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    await expect.poll(() => direct.rows(locking)).toEqual([]);
    await proxy.deliverLate();
    expect(await expectSound(room.database)).toBe(5);
    proxy.refuse(false);
    const outcomes = await Promise.all([first, second]);
    expect(outcomes.flatMap(({ codes }) => codes)).toEqual([]);
    const delivered = outcomes.flatMap(({ delivered }) => delivered);
    expect(await expectSound(room.database, delivered)).toBe(7);
    expect(delivered).toHaveLength(5);
  });

  it('charges nobody who was refused in the meantime', async () => {
    const { direct, room, proxy, tenantId, token } = await openBreakable();
    const { now } = direct.engine.time();
    const app = await seedApp(direct, tenantId, { expires_at: now + 60_000 });
    for (const known of [app.token, token]) answerOf(await room.deliver(known, 'openai'));
    const held = judgeOnce(proxy, 'EXECUTE write_batch_if_unmoved', 'hold-back');
    const outcome = room.deliver(app.token, 'openai');
    await held;
    room.stepWall(120_000);
    expect(reasonOf(await outcome)).toBe('token expired');
    await proxy.deliverLate();
    expect(await room.rows('SELECT FROM deliveries')).toHaveLength(4);
  });
});

describe('a synchronous standby that is away', () => {
  let instance: Cluster;

  beforeAll(async () => {
    instance = await startInstance();
  });

  async function setStandby(name: string): Promise<void> {
    await queryAt(instance.url, `ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
    await queryAt(instance.url, 'SELECT pg_reload_conf()');
    await expect
      .poll(() => queryAt(instance.url, 'SHOW synchronous_standby_names'))
      .toEqual([{ synchronous_standby_names: name }]);
  }

  async function setUp() {
    const database = await databaseOn(instance);
    const room = await openPostgresRoom({ database });
    const { id: tenantId, token } = await seedTenant(room, 'acme');
    const { id: serviceId } = await seedService(room, tenantId, 'openai');
    for (let turn = 0; turn < 2; turn++) answerOf(await room.deliver(token, 'openai'));
    onTestFinished(() => setStandby(''));
    await setStandby('away');
    return { database, room, tenantId, serviceId, token };
  }

  /** Resolves when a session waits for the standby with this at the beginning of its statement. */
  async function waiting(database: TestDatabase, statement: string): Promise<void> {
    const sql = `SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE $1`;
    await expect.poll(() => database.query(sql, [`${statement}%`]), { timeout: 5_000 }).toHaveLength(1);
  }

  const end = (database: TestDatabase, how: string, statement: string) =>
    database.query(
      `SELECT ${how}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE $1`,
      [`${statement}%`],
    );

  for (const how of ['pg_terminate_backend', 'pg_cancel_backend']) {
    it(`keeps a delivery whose wait was ended by ${how} from being answered until it has the record`, async () => {
      const { database, room, token } = await setUp();
      let answered = false;
      const outcome = room.deliver(token, 'openai').finally(() => {
        answered = true;
      });
      await waiting(database, 'EXECUTE write_batch_if_unmoved');
      await end(database, how, 'EXECUTE write_batch_if_unmoved');
      await waiting(database, 'COMMIT');
      expect(answered).toBe(false);
      await setStandby('');
      expect(await expectSound(database, [answerOf(await outcome)])).toBe(3);
    });
  }

  it('fails a unit whose wait was cancelled, for it may be lost with this server', async () => {
    const { database, room, tenantId, serviceId } = await setUp();
    const unit = room.engine.write({ tenantId }, (unit) =>
      unit.updateTable('services').set({ name: 'New' }).where('id', '=', serviceId).execute(),
    );
    const failed = expect(unit).rejects.toMatchObject({ name: 'StorageError', code: '40003' });
    await waiting(database, 'COMMIT');
    await end(database, 'pg_cancel_backend', 'COMMIT');
    await failed;
  });
});
