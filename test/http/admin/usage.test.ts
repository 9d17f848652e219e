import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  type QueryOf,
  refusalOf,
  statusOf,
} from '../../support/admin-client.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { type SeededService, seedApp, seedService } from '../../support/seed.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const HOUR = 3_600_000;
const TENANTS = '/admin/v1/tenants';
const USAGE = '/admin/v1/tenants/{tenant}/usage';
/** For requests that the document forbids. */
const RAW = '/tenants/acme/usage';
let vault: TestVault;
let client: AdminClient;
let clientToken: string;
let tenantId: number;
let openai: SeededService;

beforeEach(async () => {
  vault = await startVault({ at: '2026-03-01T22:30:00Z' });
  client = adminClient(vault);
  const tenant = await made(client.POST(TENANTS, { body: { slug: 'acme' } }));
  ({ id: tenantId, client_token: clientToken } = tenant);
  openai = await seedService(vault.jobs.vault, tenantId, 'openai', { max_daily_requests: 2 });
  await seedService(vault.jobs.vault, tenantId, 'mail');
});

afterEach(() => vault.stop());

async function ask(service: string, token = clientToken, times = 1) {
  for (let n = 0; n < times; n++) await vault.next(`service=${service}`, { token });
}

const request = (query: QueryOf<'showUsage'>) =>
  client.GET(USAGE, { params: { path: { tenant: 'acme' }, query } });

async function usage(query: QueryOf<'showUsage'> = {}) {
  await vault.jobs.refusals.flush(vault.jobs.vault);
  return dataOf(request(query));
}

async function usageOfApp(id: number, query: QueryOf<'showAppUsage'> = {}) {
  await vault.jobs.refusals.flush(vault.jobs.vault);
  const params = { path: { tenant: 'acme', id }, query };
  return dataOf(client.GET('/admin/v1/tenants/{tenant}/apps/{id}/usage', { params }));
}

/** Only those buckets that have something in them. */
function filled<B extends { deliveries: number; refusals: number }>(buckets: B[]): B[] {
  return buckets.filter(({ deliveries, refusals }) => deliveries + refusals > 0);
}

type Grouping = NonNullable<QueryOf<'showUsage'>['group_by']>;
type Granularity = NonNullable<QueryOf<'showUsage'>['granularity']>;

const delivered = (deliveries: number) => ({ deliveries, refusals: 0, error_rate: 0 });
const refused = (refusals: number) => ({ deliveries: 0, refusals, error_rate: 1 });
const NOTHING = { deliveries: 0, refusals: 0, error_rate: null };

describe('usage', () => {
  it('is that of the last 24 hours by the hour unless asked otherwise', async () => {
    await ask('openai', clientToken, 3);
    vault.advance(2 * HOUR);
    await ask('mail');
    const body = await usage();
    expect(body).toEqual({
      from: '2026-03-01T01:00:00.000Z',
      to: '2026-03-02T01:00:00.000Z',
      granularity: 'hour',
      group_by: null,
      total: { deliveries: 3, refusals: 1, error_rate: 0.25 },
      buckets: expect.any(Array),
    });
    expect(body.buckets).toHaveLength(24);
    expect(filled(body.buckets)).toEqual([
      { at: '2026-03-01T22:00:00.000Z', deliveries: 2, refusals: 1, error_rate: 1 / 3 },
      { at: '2026-03-02T00:00:00.000Z', ...delivered(1) },
    ]);
    vault.advance(23 * HOUR);
    expect(filled((await usage()).buckets)).toEqual([{ at: '2026-03-02T00:00:00.000Z', ...delivered(1) }]);
    vault.advance(HOUR);
    expect(filled((await usage()).buckets)).toEqual([]);
  });

  it.each([
    ['minute', '2026-03-01T21:31:00.000Z', '2026-03-01T22:31:00.000Z', 60],
    ['hour', '2026-02-28T23:00:00.000Z', '2026-03-01T23:00:00.000Z', 24],
    ['day', '2026-01-31T00:00:00.000Z', '2026-03-02T00:00:00.000Z', 30],
  ] as const)('by the %s has every bucket, also those of nothing', async (granularity, from, to, count) => {
    await ask('mail');
    const body = await usage({ granularity });
    expect([body.from, body.to]).toEqual([from, to]);
    const step = (Date.parse(to) - Date.parse(from)) / count;
    expect(body.buckets).toEqual(
      Array.from({ length: count }, (_, at) => ({
        at: new Date(Date.parse(from) + at * step).toISOString(),
        ...(at === count - 1 ? delivered(1) : NOTHING),
      })),
    );
  });

  it('has whole buckets, whatever from and to are', async () => {
    const { from, to, buckets } = await usage({
      from: '2026-03-01T20:59:59.999Z',
      to: '2026-03-01T22:00:00.001Z',
    });
    expect([from, to]).toEqual(['2026-03-01T20:00:00.000Z', '2026-03-01T23:00:00.000Z']);
    expect(buckets.map(({ at }) => at.slice(11, 13))).toEqual(['20', '21', '22']);
  });

  it('that is grouped has a row of nothing for a bucket of nothing', async () => {
    await ask('mail');
    const rows = async (group_by: Grouping) =>
      (await usage({ group_by, from: '2026-03-01T21:00:00Z' })).buckets.map((row) => Object.values(row));
    const [empty, full] = ['2026-03-01T21:00:00.000Z', '2026-03-01T22:00:00.000Z'];
    expect(await rows('service')).toEqual([
      [empty, null, 0, 0, null],
      [full, 'mail', 1, 0, 0],
    ]);
    expect(await rows('outcome')).toEqual([
      [empty, 'delivered', 0, 0, null],
      [full, 'delivered', 1, 0, 0],
    ]);
  });

  it('is that of one service, app or key where it is asked for', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    await ask('openai', app.token, 3);
    await ask('mail', app.token);
    await ask('mail');
    const total = async (query: QueryOf<'showUsage'>) => Object.values((await usage(query)).total);
    expect(await total({ service: 'openai' })).toEqual([2, 1, 1 / 3]);
    expect(await total({ service: 'mail' })).toEqual([2, 0, 0]);
    expect(await total({ service: 'mail', app: app.id })).toEqual([1, 0, 0]);
    expect(await total({ app: app.id })).toEqual([3, 1, 0.25]);
    expect(await total({ key: openai.keyIds[0] ?? 0 })).toEqual([2, 0, 0]);
    const ofApp = await usageOfApp(app.id, { service: 'openai' });
    expect(Object.values(ofApp.total)).toEqual([2, 1, 1 / 3]);
    const grouped = await usage({ service: 'openai', group_by: 'outcome' });
    expect(filled(grouped.buckets)).toEqual([
      { at: '2026-03-01T22:00:00.000Z', outcome: 'delivered', ...delivered(2) },
      { at: '2026-03-01T22:00:00.000Z', outcome: 'service daily limit reached', ...refused(1) },
    ]);
  });

  it('of an app or a key that was deleted is answered by its id, and of one that never was is not found', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    const unused = await seedApp(vault.jobs.vault, tenantId);
    const [key = 0] = openai.keyIds;
    await ask('openai', app.token, 3);
    const total = async (query: QueryOf<'showUsage'>) => Object.values((await usage(query)).total);
    expect(await total({ app: unused.id })).toEqual([0, 0, null]);
    vault.advance(48 * HOUR);
    const gone = [
      client.DELETE('/admin/v1/tenants/{tenant}/apps/{id}', inAcme({ id: app.id })),
      client.DELETE(
        '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}',
        inAcme({ service: 'openai', id: key }),
      ),
      client.DELETE('/admin/v1/tenants/{tenant}/apps/{id}', inAcme({ id: unused.id })),
    ];
    for (const each of gone) expect(await statusOf(each)).toBe(204);
    const from = '2026-03-01T00:00:00Z';
    expect(await total({ from, app: app.id })).toEqual([2, 1, 1 / 3]);
    expect(await total({ from, key, app: app.id })).toEqual([2, 0, 0]);
    expect(await total({ app: app.id })).toEqual([0, 0, null]);
    expect(await total({ key })).toEqual([0, 0, null]);

    const rival = await made(client.POST(TENANTS, { body: { slug: 'rival' } }));
    const theirs = await seedService(vault.jobs.vault, rival.id, 'openai');
    const theirApp = await seedApp(vault.jobs.vault, rival.id);
    await ask('openai', theirApp.token);
    await usage();
    for (const query of [
      'service=nope',
      'app=999',
      'key=999',
      `app=${app.id}&key=999`,
      `app=${unused.id}`,
      `app=${theirApp.id}`,
      `key=${theirs.keyIds[0]}`,
    ]) {
      await expectSameNotFound(vault, 'GET', `${RAW}?${query}`, `${RAW}?app=998`);
    }
  });

  it('is counted by the minute, the hour and the day of UTC', async () => {
    await ask('mail');
    vault.advance(HOUR);
    await ask('mail', clientToken, 2);
    vault.advance(HOUR);
    await ask('mail');
    const from = { from: '2026-03-01T00:00:00Z' };
    const counts = async (granularity: Granularity, times: { from: string; to?: string }) =>
      filled((await usage({ ...times, granularity })).buckets).map(({ at, deliveries }) => [
        at.slice(5, 16),
        deliveries,
      ]);
    expect(await counts('day', from)).toEqual([
      ['03-01T00:00', 3],
      ['03-02T00:00', 1],
    ]);
    expect(await counts('hour', from)).toEqual([
      ['03-01T22:00', 1],
      ['03-01T23:00', 2],
      ['03-02T00:00', 1],
    ]);
    expect(await counts('minute', { from: '2026-03-01T23:30:00Z', to: '2026-03-02T00:30:00Z' })).toEqual([
      ['03-01T23:30', 2],
    ]);
  });

  it('is grouped by service, key, app and outcome', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    await ask('openai', app.token, 3);
    await ask('mail');
    await ask('nowhere');
    const grouped = async (group_by: Grouping) => {
      const body = await usage({ group_by });
      expect(body.group_by).toBe(group_by);
      return filled(body.buckets).map(({ at: _at, ...rest }) => rest);
    };
    expect(await grouped('service')).toEqual(
      expect.arrayContaining([
        { service: 'openai', deliveries: 2, refusals: 1, error_rate: 1 / 3 },
        { service: 'mail', ...delivered(1) },
        { service: null, ...refused(1) },
      ]),
    );
    expect(await grouped('app')).toEqual(
      expect.arrayContaining([
        { app: app.id, deliveries: 2, refusals: 1, error_rate: 1 / 3 },
        { app: null, deliveries: 1, refusals: 1, error_rate: 1 / 2 },
      ]),
    );
    expect(await grouped('key')).toEqual(
      expect.arrayContaining([
        { key: openai.keyIds[0], ...delivered(2) },
        { key: null, ...refused(2) },
      ]),
    );
    const outcomes = await grouped('outcome');
    expect(outcomes).toEqual(
      expect.arrayContaining([
        { outcome: 'delivered', ...delivered(3) },
        { outcome: 'service daily limit reached', ...refused(1) },
        { outcome: 'unknown service', ...refused(1) },
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
    const body = await usageOfApp(one.id);
    expect(filled(body.buckets)).toEqual([
      { at: '2026-03-01T22:00:00.000Z', deliveries: 2, refusals: 1, error_rate: 1 / 3 },
    ]);
  });

  it('of another tenant is not in it, and cannot be told from that of none', async () => {
    const rival = await made(client.POST(TENANTS, { body: { slug: 'rival' } }));
    await seedService(vault.jobs.vault, rival.id, 'openai');
    await ask('openai', rival.client_token);
    await ask('nowhere', rival.client_token);
    expect(filled((await usage()).buckets)).toEqual([]);
    await expectSameNotFound(vault, 'GET', '/tenants/nobody/usage', '/tenants/nowhere/usage');
    await seedService(vault.jobs.vault, rival.id, 'secret');
    await expectSameNotFound(vault, 'GET', `${RAW}?service=secret`, `${RAW}?service=nothing`);
  });

  it.each(['minute', 'hour', 'day'] as const)(
    'by the %s is bounded, and the answer says what to do',
    async (granularity) => {
      const { status, detail } = await refusalOf(
        request({ from: '0001-01-01T00:00:00Z', to: '9999-12-31T00:00:00Z', granularity }),
      );
      expect(status).toBe(400);
      expect(detail).toMatch(/shorter range/);
    },
  );

  it('of too many buckets, or of what is not known any more, says what to ask for', async () => {
    const refused = async (query: QueryOf<'showUsage'>) => {
      const { status, detail } = await refusalOf(request(query));
      return [status, detail];
    };
    expect(await refused({ from: '2026-02-23T00:00:00Z', granularity: 'minute' })).toEqual([
      400,
      'That is more than 1500 buckets by the minute: take a shorter range or granularity=hour.',
    ]);
    expect(await refused({ from: '2025-12-01T00:00:00Z' })).toEqual([
      400,
      'That is more than 1500 buckets by the hour: take a shorter range or granularity=day.',
    ]);
    expect(
      await refused({ from: '2026-02-22T22:29:00Z', to: '2026-02-22T22:40:00Z', granularity: 'minute' }),
    ).toEqual([
      400,
      'Usage by the minute is known for 7 days: take from=2026-02-22T22:30:00.000Z or later or granularity=hour.',
    ]);
    expect(await refused({ from: '2023-02-25T00:00:00Z', granularity: 'day' })).toEqual([
      400,
      'Usage by the day is known for 1100 days: take from=2023-02-26T00:00:00.000Z or later.',
    ]);
    expect((await usage({ from: '2023-02-26T00:00:00Z', granularity: 'day' })).buckets).toHaveLength(1_100);
    expect(
      (await usage({ from: '2026-02-22T22:30:00Z', to: '2026-02-22T22:40:00Z', granularity: 'minute' }))
        .buckets,
    ).toHaveLength(10);
  });

  it.each(['minute', 'hour', 'day'] as const)(
    'by the %s ends in a year that RFC 3339 has, and the answer says how to ask for all until now',
    async (granularity) => {
      const { to } = await usage({ to: '9999-12-31T00:00:00Z', granularity });
      expect(to).toBe('9999-12-31T00:00:00.000Z');
      for (const later of ['9999-12-31T00:00:00.001Z', '9999-12-31T23:59:59Z']) {
        const { status, detail } = await refusalOf(
          request({ from: '2026-03-01T00:00:00Z', to: later, granularity }),
        );
        expect([status, detail]).toEqual([
          400,
          'to must be at most 9999-12-31T00:00:00Z: leave it out for all that there is until now.',
        ]);
      }
    },
  );

  it('that would begin after its end says where it ends', async () => {
    const detail = async (query: QueryOf<'showUsage'>) => (await refusalOf(request(query))).detail;
    const noon = '2026-03-01T12:00:00Z';
    expect(await detail({ from: noon, to: noon })).toBe('from must be before to.');
    expect(await detail({ from: '2026-03-02T00:00:00Z' })).toBe(
      'from must be before now, 2026-03-01T22:30:00.000Z.',
    );
  });

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
    expect(filled((await usage({ group_by: 'key' })).buckets)).toHaveLength(10_000);
    await insert(1);
    const { status, detail } = await refusalOf(request({ group_by: 'key' }));
    expect(status).toBe(400);
    expect(detail).toMatch(/shorter range.*group_by/);
    expect((await usage()).total).toEqual(delivered(10_001));
  });
});
