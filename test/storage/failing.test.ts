import SqliteDatabase from 'better-sqlite3';
import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf, openRoom, type Room, type RoomOptions, type SqliteRoom } from '../support/storage-room.ts';
import { FROM_DELIVERIES, SUMMED } from '../support/usage-sums.ts';

/** Of so many calls at once: what was delivered, and with which codes the others failed. */
async function storm(room: Room, calls: number, token: string) {
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, () => room.deliver(token, 'openai')),
  );
  const delivered = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [answerOf(outcome.value)] : [],
  );
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  for (const error of errors) expect(error).toMatchObject({ name: 'StorageError' });
  return { delivered, codes: errors.map((error) => error.code as string) };
}

async function setUp(options: RoomOptions = {}) {
  const room = await openRoom(options);
  const { id } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai');
  const { token } = await seedApp(room, id);
  return { room, id, token };
}

async function count(room: Room): Promise<number> {
  const [row] = await room.rows<{ n: number }>('SELECT count(*) AS n FROM deliveries');
  return row?.n ?? 0;
}

/** What is on disk agrees with itself: rows, ordinals, counters and the sums that statistics read. */
async function expectSound(room: Room): Promise<void> {
  const ordinals = await room.rows<{ usage_today: number }>(
    'SELECT usage_today FROM deliveries ORDER BY seq',
  );
  expect(ordinals.map((row) => row.usage_today)).toEqual(ordinals.map((_, at) => at + 1));
  const counters = await room.rows<{ count: number }>('SELECT count FROM counters');
  expect(counters.map((row) => row.count)).toEqual(counters.map(() => ordinals.length));
  expect(await room.rows(SUMMED)).toEqual(await room.rows(FROM_DELIVERIES));
}

/** Lets the database have no more pages than it has, or as many as it likes. */
async function allowPages(room: Room, pages: number): Promise<void> {
  await room.engine.write('nothing', (unit) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(unit));
}

/** Delivers until the last page is full. */
async function fillUp(room: Room, token: string): Promise<void> {
  for (;;) {
    const { codes } = await storm(room, 50, token);
    if (codes.length > 0) return;
  }
}

/** Calls until it works again: what follows a failure repairs itself without being asked to. */
async function untilServed(room: Room, token: string): Promise<number> {
  for (;;) {
    const { delivered } = await storm(room, 1, token);
    if (delivered[0] !== undefined) return delivered[0].usage_today;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe(`a full disk under SQLite`, () => {
  it('fails every delivery that it cannot record, and counts none of them', async () => {
    const { room, token } = await setUp();
    await allowPages(room, 1);
    await fillUp(room, token);
    const before = await count(room);
    const { delivered, codes } = await storm(room, 200, token);
    expect(delivered).toEqual([]);
    expect(new Set(codes)).toEqual(new Set(['SQLITE_FULL']));
    expect(await count(room)).toBe(before);
    await expectSound(room);
  });

  it('is not ready while there is no room for a batch, though there may be for less, and is once there is', async () => {
    const { room, token } = await setUp();
    await room.engine.check();
    await allowPages(room, 1);
    await fillUp(room, token);
    await expect(room.engine.check()).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    await allowPages(room, 1_000_000);
    room.advance(2_000);
    await room.engine.check();
    expect(await room.rows("SELECT name FROM settings WHERE name = 'trial'")).toEqual([]);
    await allowPages(room, 1);
    await fillUp(room, token);
    await allowPages(room, 1_000_000);
    expect((await storm(room, 50, token)).codes).toEqual([]);
    await room.engine.check();
  });

  it('is served from again, with the next ordinal, once there is space, and without a restart', async () => {
    const { room, token } = await setUp();
    await allowPages(room, 1);
    await fillUp(room, token);
    await storm(room, 100, token);
    const before = await count(room);
    await allowPages(room, 1_000_000);
    const { delivered, codes } = await storm(room, 100, token);
    expect(codes).toEqual([]);
    expect(delivered.map(({ usage_today }) => usage_today).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, at) => before + at + 1),
    );
    await expectSound(room);
  });

  it('fails a unit as a whole, and the next one works', async () => {
    const { room } = await setUp();
    await allowPages(room, 1);
    const big = (name: string) => ({ name, value: Buffer.alloc(200_000) });
    const failing = room.engine.write('nothing', async (unit) => {
      await unit
        .insertInto('settings')
        .values({ name: 'test-small', value: Buffer.alloc(1) })
        .execute();
      await unit.insertInto('settings').values(big('test-big')).execute();
    });
    await expect(failing).rejects.toMatchObject({ name: 'StorageError', code: 'SQLITE_FULL' });
    expect(await room.rows("SELECT name FROM settings WHERE name LIKE 'test%'")).toEqual([]);
    await allowPages(room, 1_000_000);
    await room.engine.write('nothing', (unit) =>
      unit.insertInto('settings').values(big('test-big')).execute(),
    );
    expect(await room.rows("SELECT name FROM settings WHERE name LIKE 'test%'")).toEqual([
      { name: 'test-big' },
    ]);
  });
});

it(`a batch that the database refuses fails as a whole on SQLite, and the next one is taken`, async () => {
  const { room, id, token } = await setUp();
  const other = await seedService(room, id, 'other');
  answerOf(await room.deliver(token, 'openai'));
  answerOf(await room.deliver(token, 'other'));
  // The scope is a lie, so that deliveries go on with a key that is not there any more.
  await room.engine.write('nothing', (unit) =>
    unit.deleteFrom('provider_keys').where('id', 'in', other.keyIds).execute(),
  );
  const refused = room.deliver(token, 'other');
  const beside = room.deliver(token, 'openai');
  const code = 'SQLITE_CONSTRAINT_FOREIGNKEY';
  await expect(refused).rejects.toMatchObject({ name: 'StorageError', code });
  await expect(beside).rejects.toMatchObject({ name: 'StorageError', code });
  expect(await count(room)).toBe(2);
  expect((await room.deliver(token, 'other')).refusal?.reason).toBe('no active keys');
  expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(2);
});

describe(`the writing thread of SQLite dying`, () => {
  it('fails what is under way at once, and what comes until it is back', async () => {
    const { room, token } = await setUp();
    answerOf(await room.deliver(token, 'openai'));
    const under = storm(room, 200, token);
    await room.engine.crashWriter();
    const started = performance.now();
    const { delivered, codes } = await under;
    const after = await storm(room, 200, token);
    expect(performance.now() - started).toBeLessThan(400);
    expect(new Set([...codes, ...after.codes])).toEqual(new Set(['THREAD']));
    expect(after.delivered).toEqual([]);
    expect(await count(room)).toBeGreaterThanOrEqual(1 + delivered.length);
  });

  it('is made good by itself, and the count goes on where the disk is', async () => {
    const { room, token } = await setUp();
    for (let crash = 0; crash < 3; crash++) {
      const under = storm(room, 50, token);
      await room.engine.crashWriter();
      await under;
      const onDisk = await count(room);
      expect(await untilServed(room, token)).toBe(onDisk + 1);
    }
    await expectSound(room);
  });

  it('in the middle of a unit leaves nothing of it, not even what it does after the thread is back', async () => {
    const { room, token } = await setUp();
    const unit = room.engine.write('nothing', async (unit) => {
      await unit
        .insertInto('settings')
        .values({ name: 'test-before', value: Buffer.alloc(1) })
        .execute();
      await room.engine.crashWriter();
      await untilWritable(room);
      await unit
        .insertInto('settings')
        .values({ name: 'test-after', value: Buffer.alloc(1) })
        .execute();
    });
    await expect(unit).rejects.toMatchObject({ name: 'StorageError', code: 'THREAD' });
    expect(await room.rows("SELECT name FROM settings WHERE name LIKE 'test%'")).toEqual([]);
    expect(await untilServed(room, token)).toBe(1);
  });
});

describe(`a disk that does not answer under SQLite`, () => {
  it('fails deliveries within the time limit, and is counted right once it answers', async () => {
    const { room, token } = await setUp({ commitTimeoutMs: 300 });
    answerOf(await room.deliver(token, 'openai'));
    const release = hold(room);
    const started = performance.now();
    const waiting = await storm(room, 50, token);
    const late = await storm(room, 50, token);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(new Set([...waiting.codes, ...late.codes])).toEqual(new Set(['TIMEOUT']));
    expect([...waiting.delivered, ...late.delivered]).toEqual([]);
    release();
    const ordinal = await untilServed(room, token);
    expect(ordinal).toBe(await count(room));
    await expectSound(room);
  });

  it('fails deliveries that wait for a unit, too', async () => {
    const { room, token } = await setUp({ commitTimeoutMs: 300 });
    answerOf(await room.deliver(token, 'openai'));
    const release = hold(room);
    const check = room.engine.check();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const { delivered, codes } = await storm(room, 50, token);
    expect(delivered).toEqual([]);
    expect(new Set(codes)).toEqual(new Set(['TIMEOUT']));
    release();
    await check;
    expect(await untilServed(room, token)).toBe(2);
    await expectSound(room);
  });
});

/** Keeps every writer waiting, as a disk does that does not answer, until the returned function is called. */
function hold(room: SqliteRoom): () => void {
  const connection = new SqliteDatabase(room.file);
  connection.exec('BEGIN IMMEDIATE');
  return () => connection.close();
}

/** Resolves when there is a writing thread again. */
async function untilWritable(room: SqliteRoom): Promise<void> {
  await vi.waitUntil(() => room.engine.hasWriter, { timeout: 10_000, interval: 5 });
}
