import { describe, expect, it } from 'vitest';
import {
  expectSound,
  judgeOnce,
  openBreakable,
  persistentCallers,
  storm,
} from '../support/postgres-failures.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf } from '../support/storage-room.ts';

describe('a connection to PostgreSQL that is lost', () => {
  it('before a batch is committed costs no delivery, and charges nothing twice', async () => {
    const { room, proxy, token } = await openBreakable();
    const cut = judgeOnce(proxy, 'COMMIT', 'cut-before');
    const { delivered, codes, took } = await storm(room, 50, token);
    await cut;
    expect(codes).toEqual([]);
    expect(took).toBeLessThan(2_000);
    expect(await expectSound(room.database, delivered)).toBe(52);
  });

  it('after a batch was committed costs no delivery: it is found by its id, answered, and not charged again', async () => {
    const { room, proxy, token } = await openBreakable();
    const cut = judgeOnce(proxy, 'COMMIT', 'cut-after');
    const { delivered, codes, took } = await storm(room, 50, token);
    await cut;
    expect(codes).toEqual([]);
    expect(took).toBeLessThan(2_000);
    expect(await expectSound(room.database, delivered)).toBe(52);
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(53);
  });

  it('again while what became of a committed batch is looked up costs nothing either', async () => {
    const { room, proxy, token } = await openBreakable();
    let expected = 2;
    for (const text of ['BEGIN', 'EXECUTE find_delivery', 'COMMIT']) {
      for (const verdict of ['cut-before', 'cut-after'] as const) {
        // What was forgotten is loaded before, in transactions that are committed, too.
        answerOf(await room.deliver(token, 'openai'));
        const cuts = judgeOnce(proxy, 'COMMIT', 'cut-after').then(() => judgeOnce(proxy, text, verdict));
        const { delivered, codes } = await storm(room, 20, token);
        await cuts;
        expect(codes).toEqual([]);
        expected += 21;
        expect(await expectSound(room.database, delivered)).toBe(expected);
      }
    }
  });

  it('with the reply to a commit on a connection that stays silent costs no delivery', async () => {
    const { room, proxy, token } = await openBreakable({ commitTimeoutMs: 300 });
    const swallowed = judgeOnce(proxy, 'COMMIT', 'swallow-reply');
    const { delivered, codes, took } = await storm(room, 20, token);
    await swallowed;
    expect(codes).toEqual([]);
    expect(took).toBeLessThan(3_000);
    expect(await expectSound(room.database, delivered)).toBe(22);
  });

  it('over and over under load loses no answer and charges nothing twice', async () => {
    const { room, proxy, token } = await openBreakable();
    const callers = persistentCallers(room, 16, token);
    const verdicts = ['cut-before', 'cut-after', 'pass'] as const;
    for (let round = 0; round < 12; round++) {
      await judgeOnce(proxy, 'COMMIT', verdicts[round % 3] ?? 'pass');
      if (round % 3 === 2) proxy.cut();
      await callers.more(5);
    }
    await callers.stop();
    expect(callers.codes).toEqual(new Set());
    expect(await expectSound(room.database, callers.delivered)).toBe(callers.delivered.length + 2);
  });

  it('in a batch of several tenants answers all of them', async () => {
    const { direct, room, proxy, token } = await openBreakable();
    const other = await seedTenant(direct, 'other');
    await seedService(direct, other.id, 'openai');
    answerOf(await room.deliver(other.token, 'openai'));
    const cut = judgeOnce(proxy, 'COMMIT', 'cut-after');
    const [one, two] = await Promise.all([storm(room, 10, token), storm(room, 10, other.token)]);
    await cut;
    expect([...one.codes, ...two.codes]).toEqual([]);
    const rows = await room.rows<{ n: number }>(
      'SELECT count(*) AS n FROM deliveries GROUP BY tenant_id ORDER BY tenant_id',
    );
    expect(rows).toEqual([{ n: 12 }, { n: 11 }]);
  });

  it('while nothing happened does not cost the next delivery', async () => {
    const { room, proxy, token } = await openBreakable();
    for (let turn = 0; turn < 3; turn++) {
      proxy.cut();
      const { codes, took } = await storm(room, 1, token);
      expect(codes).toEqual([]);
      expect(took).toBeLessThan(1_000);
    }
    expect(await expectSound(room.database)).toBe(5);
  });

  it('by a session that the server ends in the middle costs no delivery', async () => {
    const { direct, room, token } = await openBreakable();
    const callers = persistentCallers(room, 16, token);
    for (let round = 0; round < 5; round++) {
      await callers.more(20);
      await direct.rows(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    }
    await callers.more(20);
    await callers.stop();
    expect(callers.codes).toEqual(new Set());
    await expectSound(room.database, callers.delivered);
  });
});

describe('a database that cannot be reached', () => {
  it('is said so within three seconds, later at once, and deliveries go on where the record is once it is back', async () => {
    const { direct, room, proxy, token, tenantId } = await openBreakable();
    const unknown = await seedApp(direct, tenantId);
    answerOf(await room.deliver(token, 'openai'));
    const cut = judgeOnce(proxy, 'COMMIT', 'cut-after').then(() => proxy.refuse(true));
    const first = await storm(room, 20, token);
    await cut;
    expect(first.delivered).toEqual([]);
    expect(first.codes).toHaveLength(20);
    expect(first.took).toBeLessThan(3_000);
    proxy.cut();
    for (const known of [token, token, unknown.token]) {
      const later = await storm(room, 20, known);
      expect(later.delivered).toEqual([]);
      expect(later.took).toBeLessThan(300);
    }
    proxy.refuse(false);
    const { delivered, codes } = await storm(room, 20, token);
    expect(codes).toEqual([]);
    // What nobody was answered stays on record, once.
    expect(await expectSound(room.database, delivered)).toBe(43);
  });

  it('because nothing answers is given up in bounded time, and served from again without a restart', async () => {
    const { room, proxy, token } = await openBreakable({ commitTimeoutMs: 500 });
    proxy.freeze();
    const first = await storm(room, 20, token);
    expect(first.delivered).toEqual([]);
    expect(first.took).toBeLessThan(6_000);
    const later = await storm(room, 20, token);
    expect(later.delivered).toEqual([]);
    expect(later.took).toBeLessThan(3_000);
    proxy.thaw();
    for (let turn = 0; turn < 2; turn++) {
      const { delivered, codes } = await storm(room, 20, token);
      expect(codes).toEqual([]);
      await expectSound(room.database, delivered);
    }
  });

  it('to say what became of a batch leaves nobody without an answer', async () => {
    const { direct, room, proxy, token, tenantId } = await openBreakable();
    let release = () => {};
    const held = judgeOnce(proxy, 'COMMIT', 'cut-after').then(async () => {
      proxy.refuse(true);
      await expect.poll(() => direct.rows('SELECT FROM deliveries')).toHaveLength(22);
      await direct.engine.write({ tenantId }, () => {
        proxy.refuse(false);
        return new Promise<void>((resolve) => (release = resolve));
      });
    });
    const { delivered, took } = await storm(room, 20, token);
    expect(delivered).toEqual([]);
    expect(took).toBeLessThan(5_000);
    release();
    await held;
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(23);
    await expectSound(room.database);
  });
});
