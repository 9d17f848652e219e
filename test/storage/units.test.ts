import { describe, expect, it } from 'vitest';
import { ENGINES } from '../support/engines.ts';
import { seedApp, seedService, seedTenant, seedToken } from '../support/seed.ts';
import { answerOf, type Room, reasonOf } from '../support/storage-room.ts';

const TOKEN = 'krc_a-token-that-nobody-has-yet';

function addSetting(room: Room, name: string): Promise<unknown> {
  return room.engine.write('nothing', (unit) =>
    unit
      .insertInto('settings')
      .values({ name, value: Buffer.from(name) })
      .execute(),
  );
}

async function settings(room: Room): Promise<string[]> {
  const rows = await room.rows<{ name: string }>(
    "SELECT name FROM settings WHERE name LIKE 'test%' ORDER BY name",
  );
  return rows.map(({ name }) => name);
}

/** Callers that deliver without a pause until `stop`; every outcome in the order of their starts. */
function callers(room: Room, count: number, token: string, service: string) {
  let stopped = false;
  const outcomes: { startedAt: number; reason: string | null; key: number | null }[] = [];
  let started = 0;
  const running = Array.from({ length: count }, async () => {
    while (!stopped) {
      const startedAt = ++started;
      const outcome = await room.deliver(token, service);
      outcomes.push({
        startedAt,
        reason: reasonOf(outcome),
        key: outcome.refusal === null ? outcome.key.id : null,
      });
      // A refusal commits nothing: without this the callers would keep the loop to themselves.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  return {
    outcomes,
    get started() {
      return started;
    },
    /** Resolves when so many more deliveries were answered. */
    async more(n: number) {
      const until = outcomes.length + n;
      while (outcomes.length < until) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

for (const engine of ENGINES) {
  describe(`a unit on ${engine.name}`, () => {
    it('is on disk as a whole when it resolves', async () => {
      const room = await engine.open();
      await room.engine.write('nothing', async (unit) => {
        await unit
          .insertInto('settings')
          .values({ name: 'test-1', value: Buffer.from('1') })
          .execute();
        expect(await settings(room)).toEqual([]);
        await unit
          .insertInto('settings')
          .values({ name: 'test-2', value: Buffer.from('2') })
          .execute();
      });
      expect(await settings(room)).toEqual(['test-1', 'test-2']);
    });

    it('that throws leaves nothing behind, and the next one works', async () => {
      const room = await engine.open();
      const failing = room.engine.write('nothing', async (unit) => {
        await unit
          .insertInto('settings')
          .values({ name: 'test-1', value: Buffer.from('1') })
          .execute();
        throw new Error('changed its mind');
      });
      await expect(failing).rejects.toThrow('changed its mind');
      await addSetting(room, 'test-2');
      expect(await settings(room)).toEqual(['test-2']);
    });

    it('that breaks a rule of the schema leaves nothing behind', async () => {
      const room = await engine.open();
      await addSetting(room, 'test-1');
      const failing = room.engine.write('nothing', async (unit) => {
        await unit
          .insertInto('settings')
          .values({ name: 'test-2', value: Buffer.from('2') })
          .execute();
        await unit
          .insertInto('settings')
          .values({ name: 'test-1', value: Buffer.from('1') })
          .execute();
      });
      await expect(failing).rejects.toMatchObject({
        name: 'StorageError',
        code: engine.codes.repeated,
      });
      expect(await settings(room)).toEqual(['test-1']);
    });

    it('is refused where it would leave a key without its service', async () => {
      const room = await engine.open();
      const { id } = await seedTenant(room, 'acme');
      const orphan = seedService(room, id, 'openai', {}, [{ service_id: 999 }]);
      await expect(orphan).rejects.toMatchObject({ code: engine.codes.orphan });
      expect(await room.rows('SELECT id FROM services')).toEqual([]);
    });

    it('sees what the units before it have done, however many start at once', async () => {
      const room = await engine.open();
      await room.engine.write('nothing', (unit) =>
        unit.insertInto('sequences').values({ name: 'test', last: 0 }).execute(),
      );
      await Promise.all(
        Array.from({ length: 50 }, () =>
          room.engine.write('nothing', async (unit) => {
            const row = await unit
              .selectFrom('sequences')
              .select('last')
              .where('name', '=', 'test')
              .executeTakeFirstOrThrow();
            await unit
              .updateTable('sequences')
              .set({ last: row.last + 1 })
              .where('name', '=', 'test')
              .execute();
          }),
        ),
      );
      expect(await room.rows("SELECT last FROM sequences WHERE name = 'test'")).toEqual([{ last: 50 }]);
    });

    it('sees every delivery that was answered before it', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      const calls = callers(room, 16, token, 'openai');
      for (let turn = 0; turn < 10; turn++) {
        await calls.more(20);
        const answered = calls.outcomes.length;
        const { n } = await room.engine.write('nothing', (unit) =>
          unit
            .selectFrom('deliveries')
            .select((of) => of.fn.countAll<number>().as('n'))
            .executeTakeFirstOrThrow(),
        );
        expect(n).toBeGreaterThanOrEqual(answered);
      }
      await calls.stop();
    });

    it('that writes the counters is never written over by a batch beside it', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      const service = await seedService(room, id, 'openai');
      const calls = callers(room, 64, token, 'openai');
      await calls.more(50);
      // Half of the count is taken away; every ordinal after that follows on from what was left.
      const left = await room.engine.write({ tenantId: id }, async (unit) => {
        const of = unit.selectFrom('counters').select('count').where('subject', '=', 'service');
        const { count } = await of.executeTakeFirstOrThrow();
        const left = Math.floor(count / 2);
        await unit
          .updateTable('counters')
          .set({ count: left })
          .where('subject', '=', 'service')
          .where('subject_id', '=', service.id)
          .execute();
        return { before: count, left };
      });
      await calls.more(50);
      await calls.stop();
      const rows = await room.rows<{ usage_today: number }>(
        'SELECT usage_today FROM deliveries ORDER BY seq',
      );
      const ordinals = rows.map((row) => row.usage_today);
      const expected = ordinals.map((_, at) =>
        at < left.before ? at + 1 : at + 1 - left.before + left.left,
      );
      expect(ordinals).toEqual(expected);
    });
  });

  describe(`a change of configuration on ${engine.name} binds every delivery that starts after it, with 64 callers running:`, () => {
    it('a revoked token', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      const calls = callers(room, 64, token, 'openai');
      await calls.more(300);
      await room.engine.write({ tenantId: id }, (unit) =>
        unit.deleteFrom('tokens').where('tenant_id', '=', id).execute(),
      );
      const revokedAt = calls.started;
      await calls.more(200);
      await calls.stop();
      const after = calls.outcomes.filter(({ startedAt }) => startedAt > revokedAt);
      expect(after.length).toBeGreaterThan(100);
      expect(new Set(after.map(({ reason }) => reason))).toEqual(new Set(['invalid token']));
    });

    it('a suspended tenant, and another is served on', async () => {
      const room = await engine.open();
      const acme = await seedTenant(room, 'acme');
      const other = await seedTenant(room, 'other');
      for (const { id } of [acme, other]) await seedService(room, id, 'openai');
      const calls = callers(room, 32, acme.token, 'openai');
      const others = callers(room, 32, other.token, 'openai');
      await Promise.all([calls.more(150), others.more(150)]);
      await room.engine.write({ tenantId: acme.id }, (unit) =>
        unit.updateTable('tenants').set({ status: 'suspended' }).where('id', '=', acme.id).execute(),
      );
      const suspendedAt = calls.started;
      await Promise.all([calls.more(100), others.more(100)]);
      await Promise.all([calls.stop(), others.stop()]);
      const after = calls.outcomes.filter(({ startedAt }) => startedAt > suspendedAt);
      expect(after.length).toBeGreaterThan(50);
      expect(new Set(after.map(({ reason }) => reason))).toEqual(new Set(['token disabled']));
      expect(new Set(others.outcomes.map(({ reason }) => reason))).toEqual(new Set([null]));
    });

    it('a limit that was narrowed below what is spent already', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      const service = await seedService(room, id, 'openai', { max_daily_requests: 1_000_000 });
      const calls = callers(room, 64, token, 'openai');
      await calls.more(300);
      await room.engine.write({ tenantId: id }, (unit) =>
        unit.updateTable('services').set({ max_daily_requests: 10 }).where('id', '=', service.id).execute(),
      );
      const narrowedAt = calls.started;
      await calls.more(200);
      await calls.stop();
      const after = calls.outcomes.filter(({ startedAt }) => startedAt > narrowedAt);
      expect(after.length).toBeGreaterThan(100);
      expect(new Set(after.map(({ reason }) => reason))).toEqual(new Set(['service daily limit reached']));
    });

    it('a key that was taken out of service', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, id, 'openai', { policy: 'usage' }, [{}, {}]);
      const calls = callers(room, 64, token, 'openai');
      await calls.more(300);
      await room.engine.write({ tenantId: id }, (unit) =>
        unit
          .updateTable('provider_keys')
          .set({ state: 'disabled' })
          .where('id', '=', keyIds[0] as number)
          .execute(),
      );
      const disabledAt = calls.started;
      await calls.more(200);
      await calls.stop();
      const after = calls.outcomes.filter(({ startedAt }) => startedAt > disabledAt);
      expect(after.length).toBeGreaterThan(100);
      expect(new Set(after.map(({ key }) => key))).toEqual(new Set([keyIds[1]]));
    });

    it('an app that was switched off, and on again', async () => {
      const room = await engine.open();
      const { id } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      const app = await seedApp(room, id);
      const calls = callers(room, 64, app.token, 'openai');
      const set = (enabled: number) =>
        room.engine.write({ tenantId: id }, (unit) =>
          unit.updateTable('apps').set({ enabled }).where('id', '=', app.id).execute(),
        );
      const switched: { at: number; enabled: number }[] = [];
      for (const enabled of [0, 1, 0, 1, 0]) {
        await calls.more(100);
        await set(enabled);
        switched.push({ at: calls.started, enabled });
        // What started before the next switch and was answered before it is decided by this one alone.
        const from = calls.outcomes.length;
        await calls.more(100);
        const during = calls.outcomes
          .slice(from, from + 100)
          .filter(({ startedAt }) => startedAt > (switched.at(-1)?.at ?? 0));
        expect(new Set(during.map(({ reason }) => reason))).toEqual(
          new Set([enabled === 1 ? null : 'token disabled']),
        );
      }
      await calls.stop();
    });
  });

  describe(`a token on ${engine.name}`, () => {
    it('works at once although it was looked up in vain before it was made', async () => {
      const room = await engine.open();
      const { id } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      for (let turn = 0; turn < 3; turn++)
        expect(reasonOf(await room.deliver(TOKEN, 'openai'))).toBe('invalid token');
      await seedToken(room, id, null, TOKEN);
      expect(answerOf(await room.deliver(TOKEN, 'openai')).usage_today).toBe(1);
    });

    it('works at once although it is being looked up in vain all the while', async () => {
      const room = await engine.open();
      const { id } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      const calls = callers(room, 64, TOKEN, 'openai');
      await calls.more(100);
      await seedToken(room, id, null, TOKEN);
      const madeAt = calls.started;
      await calls.more(150);
      await calls.stop();
      const after = calls.outcomes.filter(({ startedAt }) => startedAt > madeAt);
      expect(after.length).toBeGreaterThan(50);
      expect(new Set(after.map(({ reason }) => reason))).toEqual(new Set([null]));
    });

    it('is known through a flood of unknown ones', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(1);
      const reasons = new Set<string | null>();
      for (let turn = 0; turn < 20; turn++) {
        const flood = Array.from({ length: 100 }, (_, at) =>
          room.deliver(`krc_unknown-${turn}-${at}`, 'openai'),
        );
        for (const outcome of await Promise.all(flood)) reasons.add(reasonOf(outcome));
      }
      expect(reasons).toEqual(new Set(['invalid token']));
      expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(2);
    });
  });

  it(`deliveries on ${engine.name} are served between units that follow each other without a pause`, async () => {
    const room = await engine.open();
    const { id, token } = await seedTenant(room, 'acme');
    const service = await seedService(room, id, 'openai');
    let done = false;
    const writing = (async () => {
      let units = 0;
      for (; !done; units++) {
        await room.engine.write({ tenantId: id }, (unit) =>
          unit
            .updateTable('services')
            .set({ version: units + 2 })
            .where('id', '=', service.id)
            .execute(),
        );
      }
      return units;
    })();
    for (let ordinal = 1; ordinal <= 20; ordinal++) {
      expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(ordinal);
    }
    done = true;
    expect(await writing).toBeGreaterThan(0);
  });

  it(`deliveries on ${engine.name} are served while many units wait in line`, async () => {
    const room = await engine.open();
    const { id, token } = await seedTenant(room, 'acme');
    const service = await seedService(room, id, 'openai');
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(1);
    let unitsOver = 0;
    const units = Array.from({ length: 300 }, (_, at) =>
      room.engine
        .write({ tenantId: id }, (unit) =>
          unit
            .updateTable('services')
            .set({ version: at + 2 })
            .where('id', '=', service.id)
            .execute(),
        )
        .then(() => void unitsOver++),
    );
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(2);
    expect(unitsOver).toBeLessThan(100);
    await Promise.all(units);
  });
}
