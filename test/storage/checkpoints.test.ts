/** The log of the embedded engine stays small, whoever writes. */
import { setTimeout } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Connections } from '../../src/storage/sqlite/connections.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { openRoom, type SqliteRoom } from '../support/storage-room.ts';

const MIB = 1024 * 1024;
/** Some 8 MiB until it is worth moving, and what is written until that has happened; half as much again for a slow machine. */
const BOUND = 48 * MIB;
/** After the last commit and the look at the log that follows it. */
const LOOKED_AGAIN_MS = 250;

async function logOf(room: SqliteRoom): Promise<number> {
  const { log } = await room.engine.space();
  return log ?? Number.NaN;
}

function bytesOf(number: number): Buffer {
  return Buffer.alloc(4 * MIB, number);
}

/** Writes some 4 MiB in a unit of its own, and does `more` before it is committed. */
async function write(room: SqliteRoom, number: number, more = async () => {}): Promise<void> {
  const value = bytesOf(number);
  await room.engine.write('nothing', async (unit) => {
    await unit
      .insertInto('settings')
      .values({ name: 'test', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
    await more();
  });
}

describe('the log', () => {
  it('stays within bounds while deliveries come without a pause', async () => {
    const room = await openRoom();
    const { id } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    const { token } = await seedApp(room, id);
    let left = 40_000;
    const client = async () => {
      while (left-- > 0) await room.deliver(token, 'openai');
    };
    await Promise.all(Array.from({ length: 8 }, client));
    expect(room.batches.length).toBeGreaterThan(1_000);
    expect(await logOf(room)).toBeLessThan(BOUND);
  });

  it('stays within bounds while nothing but the administration writes, also a hundred times as much', async () => {
    const room = await openRoom();
    for (let number = 0; number < 100; number++) await write(room, number);
    expect(await logOf(room)).toBeLessThan(BOUND);
    expect(room.failures).toEqual([]);
  });

  it('starts anew also where each look at it finds a commit under way', async () => {
    const room = await openRoom();
    for (let number = 0; number < 20; number++) await write(room, number, () => room.engine.tidy());
    expect(await logOf(room)).toBeLessThan(BOUND);
  });

  it('keeps what a reader needs, and is small again after it', async () => {
    const room = await openRoom();
    await write(room, 1);
    const reader = new SqliteDatabase(room.file, { readonly: true });
    reader.exec('BEGIN');
    const read = () => reader.prepare("SELECT value FROM settings WHERE name = 'test'").pluck().get();
    expect(read()).toEqual(bytesOf(1));
    for (let number = 2; number <= 20; number++) await write(room, number);
    expect(await logOf(room)).toBeGreaterThan(BOUND);
    expect(read()).toEqual(bytesOf(1));
    await setTimeout(LOOKED_AGAIN_MS);
    const begunBefore = room.engine.tidy();
    // Its thread finds the reader, and what it says waits here.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    reader.close();
    await room.engine.tidy();
    await begunBefore;
    for (let number = 2; number <= 4; number++) await write(room, number);
    expect(await logOf(room)).toBeLessThan(BOUND);
  });

  it('has no thread started for it while it is small', async () => {
    const asked = vi.spyOn(Connections.prototype, 'checkpointer');
    onTestFinished(() => asked.mockRestore());
    const room = await openRoom();
    await seedTenant(room, 'acme');
    await setTimeout(LOOKED_AGAIN_MS);
    expect(asked).not.toHaveBeenCalled();
    for (let number = 1; number <= 3; number++) await write(room, number);
    await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  });
});
