import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/storage/engine.ts';
import { judgeOnce, openBreakable } from '../support/postgres-failures.ts';
import { openPostgresRoom, type PostgresRoom } from '../support/postgres-room.ts';

const FENCED = { name: 'StorageError', code: 'FENCED' };
const DAY = 24 * 60 * 60 * 1_000;

/** What a leader does: nothing but a row that says so. */
function work(leader: Engine | null, name: string, during: () => unknown = () => {}): Promise<void> {
  if (leader === null) throw new Error('it does not lead');
  return leader.write('nothing', async (unit) => {
    await during();
    await unit
      .insertInto('settings')
      .values({ name, value: Buffer.alloc(1) })
      .execute();
  });
}

async function settings(room: PostgresRoom): Promise<string[]> {
  const rows = await room.rows<{ name: string }>(
    "SELECT name FROM settings WHERE name LIKE 'test%' ORDER BY name",
  );
  return rows.map(({ name }) => name);
}

/** The lease ends so much later than it said, or earlier. */
function moveLease(room: PostgresRoom, ms: number): Promise<unknown[]> {
  return room.rows(`UPDATE leases SET until = until + (${ms})`);
}

async function twoReplicas() {
  const one = await openPostgresRoom();
  return { one, other: await one.replica() };
}

describe('the lead', () => {
  it('is with one replica, however many ask for it at once', async () => {
    const one = await openPostgresRoom();
    const rooms = [one, ...(await Promise.all([one.replica(), one.replica()]))];
    for (let round = 0; round < 3; round++) {
      const leaders = await Promise.all(
        rooms.map((room) => Promise.all([room.engine.lead(), room.engine.lead(), room.engine.lead()])),
      );
      const leading = leaders.map((of) => of.filter((leader) => leader !== null).length);
      expect(leading.sort()).toEqual([0, 0, 3]);
      for (const [at, leader] of leaders.flat().entries()) {
        if (leader !== null) await work(leader, `test-${round}-${at}`);
      }
    }
  });

  it('stays with who has it as long as it works', async () => {
    const { one, other } = await twoReplicas();
    for (let round = 0; round < 4; round++) {
      await work(await one.engine.lead(), `test-${round}`);
      expect(await other.engine.lead()).toBeNull();
      one.advance(2_500);
    }
    expect(await settings(one)).toHaveLength(4);
    expect(await one.rows('SELECT term FROM leases')).toEqual([{ term: 1 }]);
  });

  it('passes on at once when its replica closes', async () => {
    const { one, other } = await twoReplicas();
    await work(await one.engine.lead(), 'test-1');
    expect(await other.engine.lead()).toBeNull();
    await one.close();
    await work(await other.engine.lead(), 'test-2');
    expect(await settings(other)).toEqual(['test-1', 'test-2']);
  });

  it('passes on when its replica is gone without a word and the lease of six seconds has run out', async () => {
    const { direct, room, proxy } = await openBreakable();
    await work(await room.engine.lead(), 'test-1');
    proxy.refuse(true);
    proxy.cut();
    const left = await direct.rows<{ ms: number }>(
      'SELECT until - extract(epoch FROM clock_timestamp()) * 1000 AS ms FROM leases',
    );
    expect(left[0]?.ms).toBeLessThanOrEqual(6_000);
    await moveLease(direct, -5_000);
    expect(await direct.engine.lead()).toBeNull();
    await expect.poll(() => direct.engine.lead(), { timeout: 2_000, interval: 50 }).not.toBeNull();
  });

  it('that was taken from a replica which stood still is noticed by what it writes when it wakes', async () => {
    const { one, other } = await twoReplicas();
    const leader = await one.engine.lead();
    await work(leader, 'test-1');
    await moveLease(one, -6_000);
    await work(await other.engine.lead(), 'test-2');
    await expect(work(leader, 'test-3')).rejects.toMatchObject(FENCED);
    await expect(work(await one.engine.lead(), 'test-4')).rejects.toMatchObject(FENCED);
    one.advance(10_000);
    expect(await one.engine.lead()).toBeNull();
    expect(await settings(one)).toEqual(['test-1', 'test-2']);
    // What is no work of a leader's goes on.
    await one.engine.write('nothing', async () => {});
  });

  it('is not taken in the middle of a unit that its leader writes', async () => {
    const { one, other } = await twoReplicas();
    let taken = false;
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const leader = await one.engine.lead();
    await moveLease(one, -6_000);
    const unit = work(leader, 'test-1', () => {
      begun.resolve();
      return over.promise;
    });
    await begun.promise;
    const taking = other.engine.lead().then((leader) => {
      taken = true;
      return leader;
    });
    await expect
      .poll(() =>
        one.rows(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        ),
      )
      .not.toEqual([]);
    expect(taken).toBe(false);
    over.resolve();
    await unit;
    await work(await taking, 'test-2');
    expect(await settings(one)).toEqual(['test-1', 'test-2']);
  });

  it('is not out of reach when the clock of the database is set back', async () => {
    const { one, other } = await twoReplicas();
    const leader = await one.engine.lead();
    await moveLease(one, DAY);
    await work(await other.engine.lead(), 'test-1');
    await expect(work(leader, 'test-2')).rejects.toMatchObject(FENCED);
    expect(
      await one.rows(`SELECT FROM leases WHERE until < extract(epoch FROM now()) * 1000 + 7000`),
    ).toHaveLength(1);
  });

  it('that a lost connection has left in doubt is had at once by who has it', async () => {
    const { direct, room, proxy } = await openBreakable();
    const cut = judgeOnce(proxy, 'update "leases"', 'cut-after');
    await expect(room.engine.lead()).rejects.toMatchObject({ name: 'StorageError' });
    await cut;
    expect(await direct.engine.lead()).toBeNull();
    await work(await room.engine.lead(), 'test-1');
    expect(await settings(room)).toEqual(['test-1']);
  });
});
