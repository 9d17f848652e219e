import { describe, expect, it } from 'vitest';
import { ENGINES } from '../support/engines.ts';
import { judgeOnce, openBreakable } from '../support/postgres-failures.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { openRoom, type Room, reasonOf } from '../support/storage-room.ts';

const MINUTE = 60_000;

/** So many calls at once, dealt out to the rooms; how many were delivered, and how the others ended. */
async function storm(rooms: readonly Room[], calls: number, token: string) {
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, (_, at) => (rooms[at % rooms.length] as Room).deliver(token, 'openai')),
  );
  const ends = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? (reasonOf(outcome.value) ?? 'delivered') : 'failed',
  );
  return {
    delivered: ends.filter((end) => end === 'delivered').length,
    others: [...new Set(ends.filter((end) => end !== 'delivered'))],
  };
}

async function furnish(room: Room, limits: Parameters<typeof seedApp>[2]) {
  const { id: tenantId, token: client } = await seedTenant(room, 'acme');
  await seedService(room, tenantId, 'openai');
  const { id, token } = await seedApp(room, tenantId, limits);
  const change = (changes: object) =>
    room.engine.write({ tenantId }, (unit) =>
      unit.updateTable('apps').set(changes).where('id', '=', id).execute(),
    );
  return { tenantId, client, id, token, change };
}

for (const engine of ENGINES) {
  describe(`the rate limit of an app on ${engine.name}`, () => {
    it('is given exactly to 500 callers at once, and once more in the next minute', async () => {
      const room = await engine.open();
      const { token } = await furnish(room, { rate_per_minute: 100, rate_per_hour: 150 });
      for (const expected of [100, 50, 0]) {
        const { delivered, others } = await storm([room], 500, token);
        expect(delivered).toBe(expected);
        expect(others).toEqual(['rate limit exceeded']);
        room.advance(MINUTE);
      }
    });

    it('is spent after a restart with a clock that was set back meanwhile', async () => {
      const room = await engine.open();
      const { token } = await furnish(room, { rate_per_minute: 10 });
      expect((await storm([room], 20, token)).delivered).toBe(10);
      await room.close();
      room.stepWall(-3 * MINUTE);
      const again = await room.reopen();
      expect((await storm([again], 20, token)).delivered).toBe(0);
    });

    it('costs an app without one no row, and one without minute and hour none either', async () => {
      const room = await engine.open();
      const { tenantId, client, token } = await furnish(room, {});
      const bursting = await seedApp(room, tenantId, { rate_per_second: 1_000 });
      for (const each of [client, token, bursting.token]) {
        expect((await storm([room], 10, each)).delivered).toBe(10);
      }
      expect(await room.rows('SELECT * FROM app_windows')).toEqual([]);
    });

    it('takes one row of an app, however many minutes pass', async () => {
      const room = await engine.open();
      const { id, token } = await furnish(room, { rate_per_minute: 100 });
      for (let minute = 0; minute < 5; minute++) {
        await storm([room], 3, token);
        room.advance(MINUTE);
      }
      const at = Date.parse('2026-03-01T12:00:00Z');
      expect(await room.rows('SELECT * FROM app_windows')).toEqual([
        {
          app_id: id,
          minute_starts_at: at + 4 * MINUTE,
          minute_count: 3,
          hour_starts_at: at,
          hour_count: 15,
        },
      ]);
    });
  });
}

describe('a second of an app on SQLite', () => {
  it('is given back where the commit failed: nobody has got a key for it', async () => {
    const room = await openRoom();
    const { token } = await furnish(room, { rate_per_second: 1, rate_burst: 100 });
    expect((await storm([room], 1, token)).delivered).toBe(1);
    await room.engine.crashWriter();
    // In several batches, each decided upon the one before.
    for (let turn = 0; turn < 3; turn++) expect((await storm([room], 99, token)).others).toEqual(['failed']);
    await expect.poll(() => room.engine.hasWriter).toBe(true);
    expect((await storm([room], 150, token)).delivered).toBe(99);
  });
});

describe('the rate limit of an app over two replicas on PostgreSQL', () => {
  it('per minute is shared exactly by 64 callers at once', async () => {
    const one = await openPostgresRoom();
    const other = await one.replica();
    const { token } = await furnish(one, { rate_per_minute: 25, rate_per_hour: 60 });
    for (const expected of [25, 25, 10, 0]) {
      const { delivered, others } = await storm([one, other], 64, token);
      expect(delivered).toBe(expected);
      expect(others).toEqual(['rate limit exceeded']);
      one.advance(MINUTE);
    }
  });

  it('is not written back by one that does not know yet what the other has delivered', async () => {
    const one = await openPostgresRoom();
    const other = await one.replica();
    const { token } = await furnish(one, { rate_per_hour: 20 });
    for (let turn = 0; turn < 3; turn++) expect((await storm([one], 1, token)).delivered).toBe(1);
    expect((await storm([other], 10, token)).delivered).toBe(10);
    expect((await storm([one], 2, token)).delivered).toBe(2);
    expect((await storm([one], 20, token)).delivered).toBe(5);
    expect(await one.rows('SELECT hour_count FROM app_windows')).toEqual([{ hour_count: 20 }]);
  });

  it('that is lowered by one binds the next request to the other', async () => {
    const one = await openPostgresRoom();
    const other = await one.replica();
    const { token, change } = await furnish(one, { rate_per_hour: 100 });
    expect((await storm([one, other], 20, token)).delivered).toBe(20);
    await change({ rate_per_hour: 21 });
    expect(await storm([other], 1, token)).toEqual({ delivered: 1, others: [] });
    expect((await storm([other], 1, token)).delivered).toBe(0);
    await change({ rate_per_hour: null, rate_per_second: 1, rate_burst: 1 });
    // A refusal is repeated from memory for a second at most.
    await expect.poll(async () => (await storm([other], 5, token)).delivered, { timeout: 5_000 }).toBe(1);
  });

  it('per second is taken once by a delivery that is decided again because the other was faster', async () => {
    const one = await openPostgresRoom();
    const other = await one.replica();
    const { token, client } = await furnish(one, { rate_per_second: 1, rate_burst: 40 });
    const started = performance.now();
    let delivered = 0;
    for (let turn = 0; turn < 20; turn++) {
      const [own] = await Promise.all([storm([one], 4, token), storm([other], 4, client)]);
      delivered += own.delivered;
    }
    expect(delivered).toBeGreaterThanOrEqual(40);
    expect(delivered).toBeLessThanOrEqual(40 + Math.ceil((performance.now() - started) / 1_000));
  });
});

it('a second of an app is taken once by deliveries that a lost connection left in doubt', async () => {
  const { direct, room, proxy, tenantId } = await openBreakable();
  const { token } = await seedApp(direct, tenantId, {
    rate_per_second: 1,
    rate_burst: 6,
    rate_per_hour: 100,
  });
  expect((await storm([room], 1, token)).delivered).toBe(1);
  const cut = judgeOnce(proxy, 'EXECUTE write_batch_if_unmoved', 'cut-before');
  const storming = storm([room], 5, token);
  await cut;
  expect(await storming).toEqual({ delivered: 5, others: [] });
  expect(await room.rows('SELECT hour_count FROM app_windows')).toEqual([{ hour_count: 6 }]);
});
