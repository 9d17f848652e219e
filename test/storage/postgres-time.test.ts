/** The vault's time on PostgreSQL is the database's, whatever the clock of a replica says. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../support/postgres-database.ts';
import { administer, type RunningService, runService } from '../support/run-service.ts';
import { tempFolder, testMasterKey } from '../support/storage-room.ts';

const DAY = 24 * 60 * 60 * 1_000;
const ROOT_TOKEN = 'root-token-for-the-tests-of-database-time';

/** A replica whose own clock is so much off; it serves through the real program. */
async function replicaOff(database: TestDatabase, ms: number): Promise<RunningService> {
  const preload = `
    const RealDate = Date;
    globalThis.Date = class extends RealDate {
      constructor(...args) { args.length === 0 ? super(RealDate.now() + ${ms}) : super(...args); }
      static now() { return RealDate.now() + ${ms}; }
    };`;
  const service = await runService({
    cwd: tempFolder(),
    env: {
      DATABASE_URL: database.url,
      KEYROTATOR_MASTER_KEY: testMasterKey().toString('base64'),
      KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    },
  });
  onTestFinished(async () => void (await service.end('SIGKILL')));
  return service;
}

async function next(service: RunningService, token: string) {
  const reply = await fetch(`${service.url}/api/next?service=openai`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: reply.status, body: (await reply.json()) as { meta: { usage_today: number } } };
}

describe('replicas whose own clocks are a day ahead and a day behind', () => {
  it('record and count by the clock of the database, and share its limit days', async () => {
    const database = await createMigratedDatabase();
    const ahead = await replicaOff(database, DAY);
    const behind = await replicaOff(database, -DAY);
    const { client_token } = await administer(ahead, 'POST', '/tenants', { slug: 'acme' });
    await administer(ahead, 'POST', '/tenants/acme/services', { slug: 'openai', max_daily_requests: 3 });
    await administer(behind, 'POST', '/tenants/acme/services/openai/keys', {
      label: 'Key',
      key: 'sk-1234567890abcdef',
    });
    const ordinals: number[] = [];
    for (const service of [ahead, behind, ahead]) {
      const { status, body } = await next(service, client_token);
      expect(status).toBe(200);
      ordinals.push(body.meta.usage_today);
    }
    expect(ordinals).toEqual([1, 2, 3]);
    for (const service of [ahead, behind]) expect((await next(service, client_token)).status).toBe(429);

    const now = '(extract(epoch FROM clock_timestamp()) * 1000)';
    const far = `abs(at - ${now}) > 60000`;
    expect(await database.query(`SELECT at FROM deliveries WHERE ${far}`)).toEqual([]);
    expect(await database.query(`SELECT at FROM audit_entries WHERE ${far}`)).toEqual([]);
    expect(await database.query(`SELECT at FROM outbox WHERE ${far}`)).toEqual([]);
    const today = `starts_at <= ${now} AND ends_at > ${now} AND ends_at - starts_at = ${DAY}`;
    expect(
      await database.query(`SELECT subject, count FROM counters WHERE ${today} ORDER BY subject`),
    ).toEqual([
      { subject: 'key', count: 3 },
      { subject: 'service', count: 3 },
    ]);
    expect(await database.query('SELECT FROM counters')).toHaveLength(2);
  });
});
