import { encodeTime } from 'ulid';
import { describe, expect, it } from 'vitest';
import { prune as pruneAll, type Retention } from '../../src/operations/upkeep/prune.ts';
import { USAGE_DAYS } from '../../src/operations/upkeep/prune-usage.ts';
import { RefusalRecorder } from '../../src/operations/usage/record-refusals.ts';
import type { Engine } from '../../src/storage/engine.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { insertReports } from '../../src/storage/tables/reports.ts';
import { ENGINES } from '../support/engines.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, openRoom, type Room } from '../support/storage-room.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEEP_ALL = { days: 30, deliveries: null };

async function furnish(room: Room) {
  const { id: tenantId, token } = await seedTenant(room, 'acme');
  const service = await seedService(room, tenantId, 'openai');
  const deliver = async (calls: number) => {
    const answers = await Promise.all(Array.from({ length: calls }, () => room.deliver(token, 'openai')));
    for (const answer of answers) answerOf(answer);
  };
  return { tenantId, token, service, deliver };
}

const NEVER = new AbortController().signal;
const prune = (room: Room, retention: Retention) => pruneAll(room, retention, room.engine.time(), NEVER);

const places = async (room: Room) =>
  (await room.rows<{ seq: number }>('SELECT seq FROM deliveries ORDER BY seq')).map(({ seq }) => seq);

for (const engine of ENGINES) {
  describe(`pruning on ${engine.name}`, () => {
    it('removes deliveries that are older than is kept, and no other', async () => {
      const room = await engine.open();
      const { deliver } = await furnish(room);
      await deliver(700);
      room.advance(10 * DAY);
      await deliver(20);
      const before = await places(room);
      await prune(room, KEEP_ALL);
      expect(await places(room)).toEqual(before);
      room.advance(20 * DAY + 1);
      await prune(room, KEEP_ALL);
      expect(await places(room)).toEqual(before.slice(700));
    });

    it('gives no delivery the place of one that is gone', async () => {
      const room = await engine.open();
      const { deliver } = await furnish(room);
      await deliver(3);
      const [, , last] = await places(room);
      room.advance(31 * DAY);
      await prune(room, KEEP_ALL);
      const reopened = await room.reopen();
      const { tenantId } = (
        await reopened.rows<{ tenantId: number }>('SELECT id AS "tenantId" FROM tenants')
      )[0] as {
        tenantId: number;
      };
      await seedService(reopened, tenantId, 'stripe');
      const { token } = await seedTenant(reopened, 'other');
      await seedService(reopened, tenantId + 1, 'openai');
      answerOf(await reopened.deliver(token, 'openai'));
      expect((await places(reopened)).at(-1)).toBeGreaterThan(last as number);
    });

    it('does not touch what statistics say of the days that they know', async () => {
      const room = await engine.open();
      const { deliver } = await furnish(room);
      await deliver(5);
      const counted = async () => {
        const rows = await room.rows<{ bucket_ms: number; n: number }>(
          'SELECT bucket_ms, sum(count) AS n FROM usage_counts GROUP BY bucket_ms ORDER BY bucket_ms',
        );
        return rows.map(({ bucket_ms, n }) => [bucket_ms, Number(n)]);
      };
      const [minute, hour, day] = [60_000, 3_600_000, DAY];
      for (const [days, expected] of [
        [
          USAGE_DAYS.minute - 1,
          [
            [minute, 5],
            [hour, 5],
            [day, 5],
          ],
        ],
        [
          USAGE_DAYS.minute + 1,
          [
            [hour, 5],
            [day, 5],
          ],
        ],
        [USAGE_DAYS.hour + 1, [[day, 5]]],
        [USAGE_DAYS.day + 1, []],
      ] as const) {
        room.advance(days * DAY);
        await prune(room, KEEP_ALL);
        expect(await counted()).toEqual(expected);
        room.advance(-days * DAY);
      }
    });

    it('removes refusals and events that are older than is kept, and what was to be sent again of them', async () => {
      const room = await engine.open();
      const { tenantId, service, deliver } = await furnish(room);
      await deliver(1);
      const recorder = new RefusalRecorder();
      const refusal = {
        tenant_id: tenantId,
        app_id: 0,
        service_id: service.id,
        reason: 'ip not allowed',
        network: 'n',
      };
      const tell = async () => {
        const { now } = room.engine.time();
        for (let n = 0; n < 3; n++) recorder.count({ ...refusal, requestId: 'r' }, now - n * 60_000);
        await recorder.flush(room);
        await room.engine.write('nothing', async (unit) => {
          const event = { tenant_id: tenantId, type: 'webhook.test', at: now, data: '{}' };
          await unit
            .insertInto('outbox')
            .values(Array.from({ length: 600 }, (_, at) => ({ ...event, event_id: `${now}-${at}` })))
            .execute();
        });
      };
      await tell();
      room.advance(20 * DAY);
      await tell();
      room.advance(11 * DAY);
      await prune(room, KEEP_ALL);
      const [left] = await room.rows<{ refusals: number; events: number }>(
        'SELECT (SELECT count(*) FROM refusals) AS refusals, (SELECT count(*) FROM outbox) AS events',
      );
      expect([Number(left?.refusals), Number(left?.events)]).toEqual([3, 600]);
    });

    it('forgets by their own time what was reported, though a clock that ran ahead has brought the ids into the future', async () => {
      const room = await engine.open();
      const { now } = room.engine.time();
      const year = now + 365 * DAY;
      const reported = async (at: number, name: string, count: number) => {
        const ids = Array.from({ length: count }, (_, number) => `${encodeTime(year, 10)}${name}${number}`);
        const rows = ids.map((delivery_id) => ({ delivery_id, outcome: 'ok' as const, at }));
        await room.engine.write('nothing', (unit) => insertReports(unit, rows));
      };
      await reported(year, 'A-while-ahead', 600);
      await reported(now - 26 * HOUR, 'B-yesterday', 600);
      await reported(now - 24 * HOUR, 'C-today', 600);
      await reported(now, 'D-now', 5);
      await prune(room, KEEP_ALL);
      const left = await room.rows<{ name: string; count: number }>(
        'SELECT substr(delivery_id, 11, 1) AS name, count(*) AS count FROM reports GROUP BY 1 ORDER BY 1',
      );
      expect(left.map(({ name, count }) => [name, Number(count)])).toEqual([
        ['C', 600],
        ['D', 5],
      ]);
    });

    it('forgets the sums of a tenant that is gone', async () => {
      const room = await engine.open();
      const { tenantId, deliver } = await furnish(room);
      await deliver(2);
      await room.engine.write({ tenantId }, (unit) =>
        unit.deleteFrom('tenants').where('id', '=', tenantId).execute(),
      );
      await prune(room, KEEP_ALL);
      expect(await room.rows('SELECT * FROM usage_counts')).toEqual([]);
    });
  });
}

it('stops pruning at once when the service does', async () => {
  const room = await openRoom();
  const { deliver } = await furnish(room);
  await deliver(900);
  const stopping = new AbortController();
  const write: Engine['write'] = room.engine.write.bind(room.engine);
  room.engine.write = async (scope, work) => {
    const made = await write(scope, work);
    setImmediate(() => stopping.abort());
    return made;
  };
  await pruneAll(room, { days: 30, deliveries: 1 }, room.engine.time(), stopping.signal);
  // The one step that was under way is over.
  expect(await places(room)).toHaveLength(500);
});

it('goes on pruning on a full disk, in the room that the log has once it is emptied', async () => {
  const room = await openRoom();
  const { deliver } = await furnish(room);
  await deliver(1_200);
  const { engine } = room;
  const [write, tidy] = [engine.write.bind(engine), engine.tidy.bind(engine)];
  let emptyLog = false;
  let emptied = 0;
  engine.tidy = async () => {
    await tidy();
    emptyLog = true;
    emptied += 1;
  };
  engine.write = async (scope, work) => {
    if (!emptyLog) throw new StorageError('SQLITE_FULL', 'database or disk is full');
    emptyLog = false;
    return write(scope, work);
  };
  await engine.pruneDeliveries({ since: 0, rows: 120 }, NEVER);
  expect(await places(room)).toHaveLength(120);
  expect(emptied).toBeGreaterThan(2);
});

it('keeps no more deliveries than it is told to, the newest of them, on SQLite', async () => {
  const room = await openRoom();
  const { deliver } = await furnish(room);
  await deliver(900);
  await prune(room, { days: 30, deliveries: 120 });
  expect(await places(room)).toEqual(Array.from({ length: 120 }, (_, at) => 781 + at));
});

describe('the history on PostgreSQL', () => {
  const partitions = (room: Room) =>
    room.rows<{ name: string; rows: number }>(
      `SELECT relname AS name, (SELECT count(*) FROM deliveries WHERE tableoid = pg_class.oid)::int AS rows
       FROM pg_class WHERE relname ~ '^deliveries_([0-9]{8}|default)$' AND relkind = 'r' ORDER BY relname`,
    );
  const nameOf = (at: number) => `deliveries_${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}`;

  async function threeDays() {
    const room = await openPostgresRoom({ at: new Date().toISOString() });
    const { deliver } = await furnish(room);
    await Promise.all([room.engine.tidy(), room.engine.tidy()]);
    const start = room.engine.time().now;
    for (const calls of [5, 4, 3]) {
      await deliver(calls);
      room.advance(DAY);
    }
    const names = [0, 1, 2].map((day) => nameOf(start + day * DAY));
    return { room, start, names };
  }

  it('lies in a partition per day, made ahead of time, and is removed by the day', async () => {
    const { room, start, names } = await threeDays();
    expect(await partitions(room)).toEqual([
      ...names.map((name, day) => ({ name, rows: 5 - day })),
      { name: 'deliveries_default', rows: 0 },
    ]);
    const midnight = start - (start % DAY) + DAY;
    await room.engine.pruneDeliveries({ since: midnight - 1, rows: null }, NEVER);
    expect((await partitions(room)).map(({ name }) => name)).toEqual([...names, 'deliveries_default']);
    await room.engine.pruneDeliveries({ since: midnight, rows: null }, NEVER);
    expect((await partitions(room)).map(({ name }) => name)).toEqual([
      ...names.slice(1),
      'deliveries_default',
    ]);
    expect(await places(room)).toHaveLength(7);
  });

  it('is cut to the days that have as many rows as are kept', async () => {
    const { room, names } = await threeDays();
    // As many from before there were partitions count for nothing: they are older.
    await room.rows(`INSERT INTO deliveries_default (delivery_id, at, tenant_id, service_id, key_id, ip, masked, usage_today)
      SELECT 'd', 0, 0, 0, 0, '', 0, 0 FROM generate_series(1, 100)`);
    await room.rows('ANALYZE deliveries');
    await room.rows('SELECT pg_stat_force_next_flush()');
    await expect
      .poll(async () => {
        await room.engine.pruneDeliveries({ since: 0, rows: 6 }, NEVER);
        return (await partitions(room)).map(({ name }) => name);
      })
      .toEqual([...names.slice(1), 'deliveries_default']);
    await room.engine.pruneDeliveries({ since: 0, rows: 6 }, NEVER);
    expect(await places(room)).toHaveLength(107);
  });

  it('stays for another time while somebody reads it, and deliveries wait for nobody', async () => {
    const { room, start } = await threeDays();
    const { token } = await seedTenant(room, 'other');
    const { tenantId } = (
      await room.rows<{ tenantId: number }>(`SELECT id AS "tenantId" FROM tenants WHERE slug = 'other'`)
    )[0] as {
      tenantId: number;
    };
    await seedService(room, tenantId, 'openai');
    answerOf(await room.deliver(token, 'openai'));
    const reading = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const reader = room.engine.read.transaction().execute(async (snapshot) => {
      await snapshot.selectFrom('deliveries').select('seq').execute();
      reading.resolve();
      await done.promise;
    });
    await reading.promise;
    const began = performance.now();
    const pruning = room.engine.pruneDeliveries({ since: start + 2 * DAY, rows: null }, NEVER);
    for (let n = 0; n < 5; n++) answerOf(await room.deliver(token, 'openai'));
    await pruning;
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(await places(room)).toHaveLength(18);
    done.resolve();
    await reader;
    await room.engine.pruneDeliveries({ since: start + DAY, rows: null }, NEVER);
    expect((await places(room)).length).toBeLessThan(18);
  });
});
