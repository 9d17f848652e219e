import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { SYSTEM_ORIGIN } from '../../src/audit/entry.ts';
import { newService } from '../../src/contract/services.ts';
import { newTenant } from '../../src/contract/tenants.ts';
import { createService } from '../../src/operations/services/services.ts';
import { createTenant } from '../../src/operations/tenants/tenants.ts';
import { makeDeliveries } from '../bench/dataset/make-deliveries.ts';
import { makeTenants } from '../bench/dataset/make-tenants.ts';
import { showProgress } from '../bench/dataset/progress.ts';
import { type DatasetToken, keyText, serviceSlug } from '../bench/dataset/shape.ts';
import { keepToken, readTokens } from '../bench/dataset/token-file.ts';
import { ENGINES, type TestedEngine } from '../support/engines.ts';
import { PROJECT } from '../support/markdown.ts';
import { runCommand } from '../support/run-command.ts';
import { answerOf, openRoom, type Room, tempFolder } from '../support/storage-room.ts';
import { FROM_DELIVERIES, SUMMED } from '../support/usage-sums.ts';

const DATASET = join(PROJECT, 'test/bench/dataset/dataset.ts');
const SHAPE = { tenants: 2, services: 8, keys: 24, deliveries: 0, days: 30 };

async function make(room: Room): Promise<DatasetToken[]> {
  const tokens: DatasetToken[] = [];
  await makeTenants(room, SHAPE, { keep: (token) => tokens.push(token), progress: () => {} });
  return tokens;
}

const counts = (room: Room) =>
  room.rows<Record<string, number>>(
    `SELECT (SELECT count(*) FROM tenants) AS tenants, (SELECT count(*) FROM services) AS services,
            (SELECT count(*) FROM provider_keys) AS keys, (SELECT count(*) FROM apps) AS apps,
            (SELECT count(*) FROM tokens) AS tokens, (SELECT count(*) FROM data_keys) AS data_keys`,
  );

describe.each(ENGINES)('a data set on $name', ({ open }) => {
  test('delivers of each service a key that it was given, by either token of the tenant', async () => {
    const room = await open();
    const tokens = await make(room);
    expect(await counts(room)).toEqual([
      { tenants: 2, services: 8, keys: 24, apps: 2, tokens: 4, data_keys: 2 },
    ]);
    for (const { tenant, clientToken, appToken } of tokens) {
      for (let number = 1; number <= 4; number += 1) {
        const service = serviceSlug(number);
        const known = [1, 2, 3].map((key) => keyText(tenant, service, key));
        for (const token of [clientToken, appToken]) {
          expect(known).toContain(answerOf(await room.deliver(token, service)).key);
        }
      }
    }
  });

  test('hands its keys out under each policy: in turn, or one that is current', async () => {
    const room = await open();
    const [first] = await make(room);
    const labels = async (service: number) => {
      const answers = [];
      for (let count = 0; count < 3; count += 1) {
        answers.push(answerOf(await room.deliver(first?.clientToken ?? '', serviceSlug(service))).key_label);
      }
      return answers;
    };
    expect((await labels(1)).sort()).toEqual(['Key 1', 'Key 2', 'Key 3']);
    for (const service of [2, 3, 4]) expect(await labels(service)).toEqual(['Key 1', 'Key 1', 'Key 1']);
  });

  test('leaves the ids that come after its own to whatever is made next', async () => {
    const room = await open();
    await make(room);
    expect(await room.rows('SELECT name, last FROM sequences ORDER BY name')).toEqual([
      { name: 'admin_tokens', last: 1 },
      { name: 'apps', last: 2 },
      { name: 'provider_keys', last: 24 },
      { name: 'services', last: 8 },
      { name: 'tenants', last: 2 },
    ]);
    const made = await createTenant(room, SYSTEM_ORIGIN, newTenant.parse({ slug: 'next' }));
    expect(made.id).toBe(3);
  });

  test('is gone on with where it was broken off: a tenant is there as a whole or not at all', async () => {
    const room = await open();
    const file = join(tempFolder(), 'tokens');
    const brokenOff = makeTenants(room, SHAPE, {
      progress: () => {},
      keep(token) {
        keepToken(file, token);
        if (token.tenant === 'tenant-0002') throw new Error('broken off');
      },
    });
    await expect(brokenOff).rejects.toThrow('broken off');
    expect(await counts(room)).toEqual([
      { tenants: 1, services: 4, keys: 12, apps: 1, tokens: 2, data_keys: 1 },
    ]);

    await makeTenants(room, SHAPE, { keep: (token) => keepToken(file, token), progress: () => {} });
    const tokens = readTokens(file);
    expect(tokens.map(({ tenant }) => tenant)).toEqual(['tenant-0001', 'tenant-0002']);
    for (const { clientToken } of tokens) answerOf(await room.deliver(clientToken, serviceSlug(1)));
  });
});

test('goes into a new vault by one command, without the demo, and its tokens beside it', async () => {
  const folder = tempFolder();
  const file = join(folder, 'keyrotator.db');
  const env = { ...process.env, DATABASE_URL: `sqlite:${file}`, NODE_ENV: 'development' };
  const shape = ['--tenants', '2', '--services', '4', '--keys', '8', '--deliveries', '500', '--days', '1'];
  const { code, stderr } = await runCommand([process.execPath, DATASET, ...shape], { cwd: folder, env });
  expect(code, stderr).toBe(0);
  const tokens = readTokens(join(folder, 'dataset-tokens.jsonl'));
  expect(tokens.map(({ tenant }) => tenant)).toEqual(['tenant-0001', 'tenant-0002']);
  const db = new SqliteDatabase(file, { readonly: true });
  expect(db.prepare('SELECT slug FROM tenants ORDER BY id').pluck().all()).toEqual([
    'tenant-0001',
    'tenant-0002',
  ]);
  expect(db.prepare('SELECT count(*) FROM deliveries').pluck().get()).toBe(500);
  db.close();
});

test('takes its history for itself where there are other tenants', async () => {
  const room = await openRoom();
  await createTenant(room, SYSTEM_ORIGIN, newTenant.parse({ slug: 'demo' }));
  await createService(room, SYSTEM_ORIGIN, 'demo', newService.parse({ slug: 'openai' }));
  await make(room);
  await makeDeliveries(
    room,
    { ...SHAPE, deliveries: 500, days: 2 },
    { engine: 'sqlite', progress: () => {} },
  );
  expect(await room.rows('SELECT min(tenant_id) AS first, count(*) AS n FROM deliveries')).toEqual([
    { first: 2, n: 500 },
  ]);
});

const HISTORY = { ...SHAPE, deliveries: 500, days: 2 };
const DAY = 86_400_000;

/** A room with a data set, the hot tenant's token, and what puts the history into it. */
async function openForHistory({ name, open }: TestedEngine) {
  const room = await open();
  const [hot] = await make(room);
  const fill = (progress: (deliveries: number) => void = () => {}) =>
    makeDeliveries(room, HISTORY, { engine: name as 'sqlite' | 'postgres', progress });
  return { room, fill, token: hot?.clientToken ?? '' };
}

const ORDER = 'ORDER BY subject, subject_id';
const COUNTERS = `SELECT subject, subject_id, starts_at, ends_at, count, last_at FROM counters ${ORDER}`;

/** What the counters have to be by the deliveries themselves: of each the last day that it has counted in. */
const COUNTED = `SELECT subject, subject_id, starts_at, ends_at, count, last_at FROM (SELECT *,
  row_number() OVER (PARTITION BY subject, subject_id ORDER BY starts_at DESC) AS back FROM (${[
    'service',
    'key',
    'app',
  ]
    .map(
      (of) => `
  SELECT '${of}' AS subject, ${of}_id AS subject_id, at - at % ${DAY} AS starts_at, at - at % ${DAY} + ${DAY} AS ends_at,
    count(*) AS count, max(at) AS last_at
  FROM deliveries WHERE ${of}_id IS NOT NULL GROUP BY 1, 2, 3, 4`,
    )
    .join(' UNION ALL ')}) AS counted) AS ranked WHERE back = 1 ${ORDER}`;

describe.each(ENGINES)('a history on $name', (engine) => {
  test('is what its deliveries would have left: numbers, counters, sums and holders', async () => {
    const { room, fill } = await openForHistory(engine);
    await fill();
    const [total] = await room.rows<Record<string, number>>(
      'SELECT count(*) AS deliveries, max(at) - min(at) AS spread FROM deliveries',
    );
    expect(Number(total?.deliveries)).toBe(500);
    expect(Number(total?.spread)).toBeGreaterThan(1.9 * DAY);
    expect(await room.rows(COUNTERS)).toEqual(await room.rows(COUNTED));
    expect(await room.rows(SUMMED)).toEqual(await room.rows(FROM_DELIVERIES));
    const holders = 'SELECT DISTINCT key_id, coalesce(app_id, 0) AS app_id, ip FROM';
    const inOrder = 'ORDER BY key_id, app_id, ip';
    expect(await room.rows(`${holders} key_holders ${inOrder}`)).toEqual(
      await room.rows(`${holders} deliveries ${inOrder}`),
    );
    const wrong = await room.rows(
      `SELECT seq FROM (SELECT seq, usage_today,
         row_number() OVER (PARTITION BY service_id, at / ${DAY} ORDER BY seq) AS due FROM deliveries) AS numbered
       WHERE usage_today <> due`,
    );
    expect(wrong).toEqual([]);
  });

  test('is gone on with by the next delivery: its place, its number and the key whose turn it is', async () => {
    const { room, fill, token } = await openForHistory(engine);
    await fill();
    const [last] = await room.rows<{ seq: number; key_id: number; usage_today: number }>(
      'SELECT seq, key_id, usage_today FROM deliveries WHERE service_id = 1 ORDER BY seq DESC LIMIT 1',
    );
    const [end] = await room.rows<{ seq: number }>('SELECT max(seq) AS seq FROM deliveries');
    const reopened = await room.reopen();
    const answer = answerOf(await reopened.deliver(token, serviceSlug(1)));
    expect(answer.usage_today).toBe(Number(last?.usage_today) + 1);
    expect(answer.key_id).toBe((Number(last?.key_id) % 3) + 1);
    expect(await room.rows(`SELECT seq FROM deliveries WHERE delivery_id = '${answer.delivery_id}'`)).toEqual(
      [{ seq: Number(end?.seq) + 1 }],
    );
  });

  test('is gone on with where it was broken off', async () => {
    const { room, fill } = await openForHistory(engine);
    const breakOff = (deliveries: number) => {
      if (deliveries > 250) throw new Error('broken off');
    };
    await expect(fill(breakOff)).rejects.toThrow('broken off');
    const made = async () =>
      Number((await room.rows<{ n: number }>('SELECT count(*) AS n FROM deliveries'))[0]?.n);
    expect(await made()).toBeLessThan(500);
    await fill();
    expect(await made()).toBe(500);
    expect(await room.rows(COUNTERS)).toEqual(await room.rows(COUNTED));
    expect(await room.rows(SUMMED)).toEqual(await room.rows(FROM_DELIVERIES));
  });
});

describe('the progress of long work', () => {
  function watch(isTTY: boolean) {
    const screen = { isTTY, text: '', write: (text: string) => (screen.text += text) };
    let now = 0;
    const progress = showProgress('keys', 2_000, screen, () => now);
    const at = (ms: number, done: number) => {
      now = ms;
      progress(done);
    };
    return { screen, at };
  }

  test('is a bar on a terminal, with the time that is left', () => {
    const { screen, at } = watch(true);
    at(0, 0);
    at(1_000, 500);
    expect(screen.text.split('\r').at(-1)).toBe(
      `${'█'.repeat(8)}${'░'.repeat(22)} 25 % of 2,000 keys, 3 s left\x1b[K`,
    );
    at(4_000, 2_000);
    expect(screen.text.split('\r').at(-1)).toBe(`${'█'.repeat(30)} 100 % of 2,000 keys\x1b[K\n`);
  });

  test('is a line for every tenth where there is no terminal', () => {
    const { screen, at } = watch(false);
    for (let done = 0; done <= 2_000; done += 50) at(done, done);
    expect(screen.text.split('\n')).toHaveLength(11);
    expect(screen.text).toMatch(/^10 % of 2,000 keys\n20 %/);
  });
});
