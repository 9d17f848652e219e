import { describe, expect, it } from 'vitest';
import { ENGINES } from '../support/engines.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf, type Room, reasonOf } from '../support/storage-room.ts';

/** So many calls at once; the ordinals of those that delivered, in order, and the reasons of the others. */
async function storm(room: Room, calls: number, tokens: readonly string[], service: string) {
  const outcomes = await Promise.all(
    Array.from({ length: calls }, (_, at) => room.deliver(tokens[at % tokens.length] as string, service)),
  );
  const delivered = outcomes.filter((outcome) => outcome.refusal === null).map(answerOf);
  return {
    ordinals: delivered.map(({ usage_today }) => usage_today).sort((a, b) => a - b),
    ids: new Set(delivered.map(({ delivery_id }) => delivery_id)),
    keyOrdinals: delivered.map(({ key_id, key_usage_today }) => `${key_id}:${key_usage_today}`),
    reasons: new Set(outcomes.map(reasonOf).filter((reason) => reason !== null)),
  };
}

const upTo = (n: number) => Array.from({ length: n }, (_, at) => at + 1);

for (const engine of ENGINES) {
  describe(`delivering on ${engine.name}`, () => {
    it('has the delivery on disk before the caller gets the key', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      const service = await seedService(room, id, 'openai');
      for (const ordinal of [1, 2, 3]) {
        const answer = answerOf(await room.deliver(token, 'openai'));
        expect(answer.key).toBe(service.keys[0]);
        const rows = await room.rows<{ delivery_id: string; usage_today: number }>(
          'SELECT * FROM deliveries ORDER BY seq',
        );
        expect(rows.at(-1)).toMatchObject({
          delivery_id: answer.delivery_id,
          usage_today: ordinal,
          key_id: service.keyIds[0],
        });
        const counters = await room.rows("SELECT count FROM counters WHERE subject IN ('service', 'key')");
        expect(counters).toEqual([{ count: ordinal }, { count: ordinal }]);
      }
    });

    for (const calls of [200, 2_000]) {
      for (const limit of [1, 100, 1_000]) {
        it(`delivers exactly a service's limit of ${limit} to ${calls} callers at once, each with its own ordinal`, async () => {
          const room = await engine.open();
          const { id, token } = await seedTenant(room, 'acme');
          await seedService(room, id, 'openai', { max_daily_requests: limit });
          const { ordinals, ids, reasons } = await storm(room, calls, [token], 'openai');
          const expected = Math.min(limit, calls);
          expect(ordinals).toEqual(upTo(expected));
          expect(ids.size).toBe(expected);
          expect(reasons).toEqual(new Set(calls > limit ? ['service daily limit reached'] : []));
          expect(await room.rows('SELECT usage_today FROM deliveries ORDER BY seq')).toEqual(
            upTo(expected).map((usage_today) => ({ usage_today })),
          );
          const events = await room.rows<{ type: string }>('SELECT type FROM outbox');
          expect(events.map(({ type }) => type)).toEqual([
            ...(limit > 1 && calls >= limit * 0.8 ? ['service.limit_warning'] : []),
            ...(calls >= limit ? ['service.limit_reached'] : []),
          ]);
        });
      }

      it(`gives each key its limit and no more under ${calls} callers at once`, async () => {
        const room = await engine.open();
        const { id, token } = await seedTenant(room, 'acme');
        const limits = [1, 30, 100];
        const { keyIds } = await seedService(
          room,
          id,
          'openai',
          { policy: 'usage' },
          limits.map((max_daily_requests) => ({ max_daily_requests })),
        );
        const { ordinals, keyOrdinals, reasons } = await storm(room, calls, [token], 'openai');
        expect(ordinals).toEqual(upTo(131));
        expect(new Set(keyOrdinals)).toEqual(
          new Set(keyIds.flatMap((keyId, at) => upTo(limits[at] as number).map((n) => `${keyId}:${n}`))),
        );
        expect(reasons).toEqual(new Set(['key daily limit reached']));
      });

      it(`gives each app its limit and no more under ${calls} callers at once`, async () => {
        const room = await engine.open();
        const { id } = await seedTenant(room, 'acme');
        await seedService(room, id, 'openai');
        const one = await seedApp(room, id, { max_daily_requests: 10 });
        const other = await seedApp(room, id, { max_daily_requests: 60 });
        const { ordinals, reasons } = await storm(room, calls, [one.token, other.token], 'openai');
        expect(ordinals).toEqual(upTo(70));
        expect(reasons).toEqual(new Set(['app daily limit reached']));
        expect(
          await room.rows('SELECT app_id, count(*) AS n FROM deliveries GROUP BY app_id ORDER BY app_id'),
        ).toEqual([
          { app_id: one.id, n: 10 },
          { app_id: other.id, n: 60 },
        ]);
      });
    }

    it('shares commits between callers that come together', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      await storm(room, 500, [token], 'openai');
      expect(room.batches.reduce((sum, size) => sum + size, 0)).toBe(500);
      expect(room.batches.length).toBeLessThan(50);
    });

    it('goes on counting where it was after a restart', async () => {
      const room = await engine.open();
      const { id } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai', { max_daily_requests: 10, policy: 'usage' }, [{}, {}]);
      const app = await seedApp(room, id, { max_daily_requests: 8 });
      await storm(room, 5, [app.token], 'openai');
      const again = await room.reopen();
      const next = answerOf(await again.deliver(app.token, 'openai'));
      expect(next).toMatchObject({ usage_today: 6, key_usage_today: 3 });
      const { ordinals, reasons } = await storm(again, 20, [app.token], 'openai');
      expect(ordinals).toEqual([7, 8]);
      expect(reasons).toEqual(new Set(['app daily limit reached']));
    });

    it('keeps the circle of equal keys over a restart', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, id, 'openai', { policy: 'usage' }, [{}, {}, {}]);
      const served: number[] = [];
      let current = room;
      for (let round = 0; round < 6; round++) {
        served.push(answerOf(await current.deliver(token, 'openai')).key_id);
        current = await current.reopen();
      }
      expect(served).toEqual([...keyIds, ...keyIds]);
    });

    it('numbers deliveries on after a restart', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      await storm(room, 3, [token], 'openai');
      const again = await room.reopen();
      await storm(again, 2, [token], 'openai');
      const rows = await again.rows<{ seq: number }>('SELECT seq FROM deliveries ORDER BY seq');
      expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    });

    it('counts nothing for a request that it refuses', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai', { max_daily_requests: 2 });
      await seedService(room, id, 'off', { enabled: 0 });
      expect(reasonOf(await room.deliver(token, 'off'))).toBe('service disabled');
      expect(reasonOf(await room.deliver(token, 'missing'))).toBe('unknown service');
      expect(await room.rows('SELECT * FROM counters')).toEqual([]);
      expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(1);
    });

    it('flags a key that does not decrypt, and serves the next one without counting the broken', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, id, 'openai', { policy: 'usage' }, [{}, {}]);
      const [broken, whole] = keyIds as [number, number];
      await room.engine.write({ tenantId: id }, (unit) =>
        unit
          .updateTable('provider_keys')
          .set({ sealed_key: Buffer.alloc(60) })
          .where('id', '=', broken)
          .execute(),
      );
      for (const ordinal of [1, 2]) {
        expect(answerOf(await room.deliver(token, 'openai'))).toMatchObject({
          key_id: whole,
          usage_today: ordinal,
        });
      }
      const flags = await room.rows<{ id: number }>(
        'SELECT id FROM provider_keys WHERE decrypt_failed_at IS NOT NULL',
      );
      expect(flags).toEqual([{ id: broken }]);
      expect(await room.rows("SELECT count FROM counters WHERE subject = 'key'")).toEqual([{ count: 2 }]);
    });

    it('condemns no key when the data key cannot be unwrapped', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      await room.engine.write({ tenantId: id }, async (unit) => {
        await unit
          .updateTable('data_keys')
          .set({ sealed: room.keyring.newDataKey(id + 1, 1) })
          .execute();
      });
      room.keyring.forget(id);
      expect(reasonOf(await room.deliver(token, 'openai'))).toBe('key decrypt failed');
      expect(await room.rows('SELECT id FROM provider_keys WHERE decrypt_failed_at IS NOT NULL')).toEqual([]);
      expect(await room.rows('SELECT * FROM deliveries')).toEqual([]);
    });
  });
}
