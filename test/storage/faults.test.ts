/**
 * The real program on a disk that takes no more than so many bytes of a file: writes fail at another point of the work for
 * each limit. What was answered and what is on disk afterwards must be the same deliveries.
 */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RunningService, runService } from '../support/run-service.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { openRoom, tempFolder, testMasterKey } from '../support/storage-room.ts';

const CALLERS = 8;

/** File sizes in bytes, from too small for the shared-memory file of the log to large enough for all of the work. */
const LIMITS = [20_000, 40_000, 70_000, 90_001, 115_000, 140_002, 175_000, 220_003, 300_000, 420_004];

interface Answered {
  readonly ids: string[];
  readonly refusals: string[];
}

/** A folder with a vault that has a tenant, a service and an app, and nothing delivered. */
async function seededFolder(): Promise<{ folder: string; token: string }> {
  const room = await openRoom();
  const { id } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai', { policy: 'usage' }, [{}, {}, {}]);
  const { token } = await seedApp(room, id);
  await room.close();
  return { folder: room.folder, token };
}

async function runIn(cwd: string, under: readonly string[]): Promise<RunningService> {
  const service = await runService({
    cwd,
    under,
    env: {
      DATABASE_URL: 'sqlite:keyrotator.db',
      KEYROTATOR_MASTER_KEY: testMasterKey().toString('base64'),
      KEYROTATOR_ROOT_TOKEN: 'root-token-for-the-tests-of-storage',
    },
  });
  onTestFinished(async () => void (await service.end('SIGKILL')));
  return service;
}

/** Callers that each ask so many times; what they were answered. */
async function askFor(service: RunningService, token: string, times: number): Promise<Answered> {
  const ids: string[] = [];
  const refusals: string[] = [];
  const headers = { authorization: `Bearer ${token}` };
  async function call(): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      const response = await fetch(`${service.url}/api/next?service=openai`, { headers });
      const body = (await response.json()) as { error?: string; meta?: { delivery_id: string } };
      if (response.status === 200) ids.push(body.meta?.delivery_id ?? '');
      else refusals.push(`${response.status} ${body.error}`);
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, call));
  return { ids, refusals };
}

function onDisk(folder: string) {
  const connection = new SqliteDatabase(join(folder, 'keyrotator.db'));
  try {
    const rows = connection.prepare('SELECT delivery_id, usage_today FROM deliveries ORDER BY seq').all();
    const counters = connection
      .prepare('SELECT subject, sum(count) AS n FROM counters GROUP BY subject')
      .all();
    const integrity = connection.pragma('integrity_check', { simple: true });
    return { rows: rows as { delivery_id: string; usage_today: number }[], counters, integrity };
  } finally {
    connection.close();
  }
}

describe('where a file may not grow beyond a limit', () => {
  it.each(LIMITS)(
    'of %i bytes, what was answered is on disk and nothing else, before and after there is space again',
    async (limit) => {
      const { folder: seeded, token } = await seededFolder();
      const folder = tempFolder();
      cpSync(seeded, folder, { recursive: true });
      let service: RunningService;
      try {
        service = await runIn(folder, ['prlimit', `--fsize=${limit}:unlimited`]);
      } catch (error) {
        // Not even the start could be written: it says so, and has answered nobody.
        expect((error as Error).message).toMatch(/the service ended with 1: keyrotator: disk I\/O error/);
        expect(onDisk(folder).rows).toEqual([]);
        return;
      }
      const narrow = await askFor(service, token, 12);
      expect(new Set(narrow.refusals)).toEqual(
        new Set(narrow.refusals.length > 0 ? ['503 storage unavailable'] : []),
      );
      expect(spawnSync('prlimit', ['--pid', String(service.pid), '--fsize=unlimited']).status).toBe(0);
      const wide = await askFor(service, token, 3);
      expect(wide.refusals).toEqual([]);
      await service.end('SIGKILL');

      const { rows, counters, integrity } = onDisk(folder);
      const answered = [...narrow.ids, ...wide.ids];
      expect(rows.map((row) => row.delivery_id).sort()).toEqual(answered.sort());
      expect(rows.map((row) => row.usage_today)).toEqual(rows.map((_, at) => at + 1));
      expect(counters).toEqual(['app', 'key', 'service'].map((subject) => ({ subject, n: rows.length })));
      expect(integrity).toBe('ok');
    },
  );

  it('some of these limits fail deliveries in the middle of the work', async () => {
    const { folder, token } = await seededFolder();
    const service = await runIn(folder, ['prlimit', '--fsize=140002:unlimited']);
    const { ids, refusals } = await askFor(service, token, 12);
    expect(ids.length).toBeGreaterThan(0);
    expect(refusals.length).toBeGreaterThan(0);
  });
});

/** Whether this machine lets system calls fail on purpose. */
const canInject = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;

it.skipIf(!canInject)(
  'ends the process after an fsync that failed, and has what was answered before it on disk',
  async () => {
    const { folder, token } = await seededFolder();
    const inject = ['-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO:when=20+'];
    const service = await runIn(folder, ['strace', '-f', '-qq', '-o', '/dev/null', ...inject]);
    const ids: string[] = [];
    const headers = { authorization: `Bearer ${token}` };
    const caller = async () => {
      for (;;) {
        const response = await fetch(`${service.url}/api/next?service=openai`, { headers });
        if (response.status !== 200) continue;
        const body = (await response.json()) as { meta: { delivery_id: string } };
        ids.push(body.meta.delivery_id);
      }
    };
    await Promise.allSettled(Array.from({ length: CALLERS }, caller));
    expect(await service.ended).toBe(74);
    expect(service.output.stderr).toContain('storage cannot be trusted any more');
    const recorded = new Set(onDisk(folder).rows.map((row) => row.delivery_id));
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => !recorded.has(id))).toEqual([]);
  },
);

it('has every answered delivery on disk after a SIGKILL under load, wherever it strikes', async () => {
  const { folder, token } = await seededFolder();
  const answered: string[] = [];
  for (const kills of [1, 2, 3]) {
    const service = await runIn(folder, []);
    const ids: string[] = [];
    const headers = { authorization: `Bearer ${token}` };
    const callers = Array.from({ length: CALLERS }, async () => {
      for (;;) {
        const response = await fetch(`${service.url}/api/next?service=openai`, { headers });
        const body = (await response.json()) as { meta: { delivery_id: string } };
        ids.push(body.meta.delivery_id);
        if (ids.length === 60 * kills) void service.end('SIGKILL');
      }
    });
    const ended = await Promise.allSettled(callers);
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
    await service.end('SIGKILL');
    answered.push(...ids);
  }
  const { rows, integrity } = onDisk(folder);
  const recorded = new Set(rows.map((row) => row.delivery_id));
  expect(answered.filter((id) => !recorded.has(id))).toEqual([]);
  expect(recorded.size - answered.length).toBeLessThanOrEqual(3 * CALLERS);
  expect(rows.map((row) => row.usage_today)).toEqual(rows.map((_, at) => at + 1));
  expect(integrity).toBe('ok');
});
