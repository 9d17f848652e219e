import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { type SeededService, seedApp, seedService } from '../../support/seed.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const HOUR = 3_600_000;
const USAGE = '/tenants/acme/usage';
let vault: TestVault;
let client: string;
let tenantId: number;
let openai: SeededService;

beforeEach(async () => {
  vault = await startVault({ at: '2026-03-01T22:30:00Z' });
  ({ id: tenantId, client_token: client } = (await vault.admin('POST', '/tenants', { slug: 'acme' })).body);
  openai = await seedService(vault.jobs.vault, tenantId, 'openai', { max_daily_requests: 2 });
  await seedService(vault.jobs.vault, tenantId, 'mail');
});

afterEach(() => vault.stop());

async function ask(service: string, token = client, times = 1) {
  for (let n = 0; n < times; n++) await vault.next(`service=${service}`, { token });
}

async function usage(query = '', path = USAGE) {
  await vault.jobs.refusals.flush(vault.jobs.vault);
  const reply = await vault.admin('GET', path + query);
  expect(reply.status, reply.text).toBe(200);
  return reply.body;
}

describe('usage', () => {
  it('is that of the last 24 hours by the hour unless asked otherwise', async () => {
    await ask('openai', client, 3);
    vault.advance(2 * HOUR);
    await ask('mail');
    const body = await usage();
    expect(body).toEqual({
      from: '2026-03-01T00:00:00.000Z',
      to: '2026-03-02T00:30:00.001Z',
      granularity: 'hour',
      group_by: null,
      buckets: [
        { at: '2026-03-01T22:00:00.000Z', deliveries: 2, refusals: 1 },
        { at: '2026-03-02T00:00:00.000Z', deliveries: 1, refusals: 0 },
      ],
    });
    vault.advance(24 * HOUR);
    expect((await usage()).buckets).toEqual([{ at: '2026-03-02T00:00:00.000Z', deliveries: 1, refusals: 0 }]);
  });

  it('is counted by the minute, the hour and the day of UTC', async () => {
    await ask('mail');
    vault.advance(HOUR);
    await ask('mail', client, 2);
    vault.advance(HOUR);
    await ask('mail');
    const from = 'from=2026-03-01T00:00:00Z';
    const counts = async (granularity: string, more: string) =>
      (await usage(`?${more}&granularity=${granularity}`)).buckets.map(
        ({ at, deliveries }: { at: string; deliveries: number }) => [at.slice(5, 16), deliveries],
      );
    expect(await counts('day', from)).toEqual([
      ['03-01T00:00', 3],
      ['03-02T00:00', 1],
    ]);
    expect(await counts('hour', from)).toEqual([
      ['03-01T22:00', 1],
      ['03-01T23:00', 2],
      ['03-02T00:00', 1],
    ]);
    expect(await counts('minute', 'from=2026-03-01T23:30:00Z&to=2026-03-02T00:30:00Z')).toEqual([
      ['03-01T23:30', 2],
    ]);
  });

  it('is grouped by service, key, app and outcome', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    await ask('openai', app.token, 3);
    await ask('mail');
    await ask('nowhere');
    const grouped = async (by: string) => {
      const body = await usage(`?group_by=${by}`);
      expect(body.group_by).toBe(by);
      return body.buckets.map(({ at: _at, ...rest }: { at: string }) => rest);
    };
    expect(await grouped('service')).toEqual(
      expect.arrayContaining([
        { service: 'openai', deliveries: 2, refusals: 1 },
        { service: 'mail', deliveries: 1, refusals: 0 },
        { service: null, deliveries: 0, refusals: 1 },
      ]),
    );
    expect(await grouped('app')).toEqual(
      expect.arrayContaining([
        { app: app.id, deliveries: 2, refusals: 1 },
        { app: null, deliveries: 1, refusals: 1 },
      ]),
    );
    expect(await grouped('key')).toEqual(
      expect.arrayContaining([
        { key: openai.keyIds[0], deliveries: 2, refusals: 0 },
        { key: null, deliveries: 0, refusals: 2 },
      ]),
    );
    const outcomes = await grouped('outcome');
    expect(outcomes).toEqual(
      expect.arrayContaining([
        { outcome: 'delivered', deliveries: 3, refusals: 0 },
        { outcome: 'service daily limit reached', deliveries: 0, refusals: 1 },
        { outcome: 'unknown service', deliveries: 0, refusals: 1 },
      ]),
    );
    expect(outcomes).toHaveLength(3);
  });

  it('of an app is its own alone', async () => {
    const [one, other] = [
      await seedApp(vault.jobs.vault, tenantId),
      await seedApp(vault.jobs.vault, tenantId),
    ];
    await ask('openai', one.token, 3);
    await ask('mail', other.token);
    await ask('mail');
    const body = await usage('', `/tenants/acme/apps/${one.id}/usage`);
    expect(body.buckets).toEqual([{ at: '2026-03-01T22:00:00.000Z', deliveries: 2, refusals: 1 }]);
  });

  it('of another tenant is not in it, and cannot be told from that of none', async () => {
    const rival = (await vault.admin('POST', '/tenants', { slug: 'rival' })).body;
    await seedService(vault.jobs.vault, rival.id, 'openai');
    await ask('openai', rival.client_token);
    await ask('nowhere', rival.client_token);
    expect((await usage()).buckets).toEqual([]);
    await expectSameNotFound(vault, 'GET', '/tenants/nobody/usage', '/tenants/nowhere/usage');
  });

  it.each([
    'granularity=week',
    'group_by=ip',
    'from=now',
    'to=2026-03-01T25:00:00Z',
    'from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z',
    'from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00Z',
    'from=2026-03-01T12:50:00Z&to=2026-03-01T12:40:00Z',
    'granularity=hour&granularity=day',
  ])('is refused to %s', async (query) => {
    const { status, body } = await vault.admin('GET', `${USAGE}?${query}`);
    expect([status, body.error]).toEqual([400, 'invalid request']);
  });

  it.each(['minute', 'hour', 'day'])(
    'by the %s is bounded, and the answer says what to do',
    async (granularity) => {
      const { status, body } = await vault.admin(
        'GET',
        `${USAGE}?from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z&granularity=${granularity}`,
      );
      expect(status).toBe(400);
      expect(body.detail).toMatch(/shorter range/);
    },
  );

  it('by the key is bounded in rows, however many keys there are', async () => {
    const { now } = vault.engine.time();
    const insert = (rows: number) =>
      vault.engine.write('nothing', (unit) =>
        sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
          INSERT INTO usage_counts
          SELECT ${tenantId}, ${3_600_000}, ${now - (now % 3_600_000)}, ${openai.id}, 0,
            (SELECT count(*) FROM usage_counts) + i, 'delivered', 1
          FROM n`.execute(unit),
      );
    await insert(10_000);
    expect((await usage('?group_by=key')).buckets).toHaveLength(10_000);
    await insert(1);
    const { status, body } = await vault.admin('GET', `${USAGE}?group_by=key`);
    expect(status).toBe(400);
    expect(body.detail).toMatch(/shorter range.*group_by/);
    expect((await usage()).buckets).toEqual([
      { at: '2026-03-01T22:00:00.000Z', deliveries: 10_001, refusals: 0 },
    ]);
  });
});
