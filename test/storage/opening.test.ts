import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runService } from '../support/run-service.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, openRoom, type Room, tempFolder, testMasterKey } from '../support/storage-room.ts';

const ROOT_TOKEN = 'root-token-for-the-tests-of-opening';
const IN_USE = /keyrotator: another process is using .*\/keyrotator\.db$/m;

/** Every file of a folder with what is in it. */
function bytesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

async function run(cwd: string, database: string, more: NodeJS.ProcessEnv = {}) {
  const env = {
    DATABASE_URL: `sqlite:${database}`,
    KEYROTATOR_MASTER_KEY: testMasterKey().toString('base64'),
    KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN,
    ...more,
  };
  const service = await runService({ cwd, env });
  onTestFinished(async () => void (await service.end('SIGKILL')));
  return service;
}

async function pragma(room: Room, where: 'reader' | 'writer', name: string): Promise<unknown> {
  const query = sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`;
  const { rows } = await (where === 'reader'
    ? query.execute(room.engine.read)
    : room.engine.write('nothing', (unit) => query.execute(unit)));
  return Object.values(rows[0] ?? {})[0];
}

describe('an open database', () => {
  it('is written in WAL mode, with an fsync for each commit, foreign keys and nothing left of what was deleted', async () => {
    const room = await openRoom();
    const settings: Record<string, unknown> = {};
    for (const name of ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete']) {
      settings[name] = await pragma(room, 'writer', name);
    }
    expect(settings).toEqual({ journal_mode: 'wal', synchronous: 2, foreign_keys: 1, secure_delete: 1 });
  });

  it('keeps at most 24 MiB of its pages in memory, however large it is', async () => {
    const room = await openRoom();
    const kibibytes = async (which: 'writer' | 'reader') => -Number(await pragma(room, which, 'cache_size'));
    // One more connection reads beside the reader.
    expect((await kibibytes('writer')) + 2 * (await kibibytes('reader'))).toBe(24 * 1024);
  });

  it('has the settings again after its thread was replaced', async () => {
    const room = await openRoom();
    await room.engine.crashWriter();
    for (;;) {
      const synchronous = await pragma(room, 'writer', 'synchronous').catch(() => null);
      if (synchronous === null) continue;
      expect(synchronous).toBe(2);
      break;
    }
  });

  it('cannot be written to through the connection that reads', async () => {
    const room = await openRoom();
    const writing = room.engine.read.deleteFrom('settings').execute();
    await expect(writing).rejects.toMatchObject({ name: 'StorageError', code: 'SQLITE_READONLY' });
  });

  it('is read in a state that was committed, and no other', async () => {
    const room = await openRoom();
    await room.engine.write('nothing', async (unit) => {
      await unit
        .insertInto('settings')
        .values({ name: 'test', value: Buffer.alloc(1) })
        .execute();
      const seen = await room.engine.read
        .selectFrom('settings')
        .select('name')
        .where('name', '=', 'test')
        .execute();
      expect(seen).toEqual([]);
    });
    const seen = await room.engine.read
      .selectFrom('settings')
      .select('name')
      .where('name', '=', 'test')
      .execute();
    expect(seen).toEqual([{ name: 'test' }]);
  });

  it('is one that SQLite 3.51.3 or later has written', async () => {
    const room = await openRoom();
    const [row] = await room.rows<{ version: string }>('SELECT sqlite_version() AS version');
    const [major = 0, minor = 0, patch = 0] = (row?.version ?? '').split('.').map(Number);
    expect(major * 1_000_000 + minor * 1_000 + patch).toBeGreaterThanOrEqual(3_051_003);
  });

  it('can be read by its user only, and so can its folder', async () => {
    const folder = join(tempFolder(), 'data');
    const room = await openRoom({ folder });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of ['keyrotator.db', 'keyrotator.db-wal']) {
      expect(statSync(join(room.folder, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('keeps better-sqlite3, which blocks, off the main thread', () => {
    const args = ['test/support/main-thread-modules.ts', join(tempFolder(), 'keyrotator.db')];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ whileServing: false, afterImport: true });
  });
});

describe('a database that is in use', () => {
  it('is refused to a second process, by any path, until the first has ended, even by a SIGKILL', async () => {
    const cwd = tempFolder();
    const file = join(cwd, 'keyrotator.db');
    const first = await run(cwd, 'keyrotator.db');
    symlinkSync(file, join(cwd, 'link.db'));
    mkdirSync(join(cwd, 'elsewhere'));
    symlinkSync(cwd, join(cwd, 'elsewhere', 'folder'));
    const paths = [file, 'link.db', 'elsewhere/folder/keyrotator.db'];
    const refusals = await Promise.allSettled(paths.map((path) => run(cwd, path)));
    for (const refusal of refusals) {
      expect(refusal.status).toBe('rejected');
      if (refusal.status === 'rejected') expect(refusal.reason.message).toMatch(IN_USE);
    }
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    await first.end('SIGKILL');
    const next = await run(cwd, 'link.db');
    expect((await fetch(`${next.url}/readyz`)).status).toBe(200);
  });

  it('is refused through the link by which it was made', async () => {
    const cwd = tempFolder();
    symlinkSync(join(cwd, 'keyrotator.db'), join(cwd, 'link.db'));
    await run(cwd, 'link.db');
    for (const path of ['link.db', 'keyrotator.db']) await expect(run(cwd, path)).rejects.toThrow(IN_USE);
  });

  it('is refused to a second engine of the same process', async () => {
    const room = await openRoom();
    await expect(openRoom({ folder: room.folder })).rejects.toMatchObject({
      name: 'StorageError',
      code: 'IN_USE',
    });
    const again = await room.reopen();
    await again.engine.check();
  });
});

describe('the wrong master key', () => {
  const WRONG = Buffer.alloc(32, 8).toString('base64');
  const MESSAGE = /keyrotator: the master key is not the one that this database was sealed under/m;

  it('is noticed at start, before anything is written', async () => {
    const room = await openRoom();
    const { id } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    await room.close();
    const before = bytesOf(room.folder);
    await expect(run(room.folder, 'keyrotator.db', { KEYROTATOR_MASTER_KEY: WRONG })).rejects.toThrow(
      MESSAGE,
    );
    expect(bytesOf(room.folder)).toEqual(before);
  });

  it('is noticed where the file of a master key has gone, and no other is made', async () => {
    const room = await openRoom();
    await room.close();
    const before = bytesOf(room.folder);
    await expect(run(room.folder, 'keyrotator.db', { KEYROTATOR_MASTER_KEY: undefined })).rejects.toThrow(
      MESSAGE,
    );
    expect(bytesOf(room.folder)).toEqual(before);
  });

  it('given after a crash costs nothing of what was delivered', async () => {
    const room = await openRoom();
    const { id, token } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    await room.close();
    const service = await run(room.folder, 'keyrotator.db');
    const get = await fetch(`${service.url}/api/next?service=openai`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(get.status).toBe(200);
    await service.end('SIGKILL');
    await expect(run(room.folder, 'keyrotator.db', { KEYROTATOR_MASTER_KEY: WRONG })).rejects.toThrow(
      MESSAGE,
    );
    const again = await room.reopen();
    expect(answerOf(await again.deliver(token, 'openai')).key_usage_today).toBeGreaterThan(0);
    expect(await again.rows('SELECT seq FROM deliveries')).toHaveLength(2);
  });
});
