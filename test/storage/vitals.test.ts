/** What an engine tells of itself for the metrics. */
import { describe, expect, it, vi } from 'vitest';
import { ENGINES } from '../support/engines.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';

describe.each(ENGINES)('on $name', ({ name, open }) => {
  it('tells how many deliveries wait, and none when all are answered', async () => {
    const room = await open();
    const { id } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    const { token } = await seedApp(room, id);
    const all = Array.from({ length: 40 }, () => room.deliver(token, 'openai'));
    expect(room.engine.vitals().deliveriesWaiting).toBe(40);
    await Promise.all(all);
    expect(room.engine.vitals().deliveriesWaiting).toBe(0);
  });

  it('tells what memory could answer and what had to be asked', async () => {
    const room = await open();
    const { id } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    const { token } = await seedApp(room, id);
    await room.deliver(token, 'openai');
    const first = room.engine.vitals().caches;
    for (const cache of Object.values(first)) {
      expect(cache).toMatchObject({ entries: 1, evictions: 0 });
      expect(cache.misses).toBeGreaterThan(0);
    }
    for (let at = 0; at < 5; at++) await room.deliver(token, 'openai');
    const later = room.engine.vitals().caches;
    expect(later.services.hits - first.services.hits).toBeGreaterThanOrEqual(5);
    expect(later.services.misses).toBe(first.services.misses);
  });

  it('tells how much room the database takes', async () => {
    const room = await open();
    const { database, log, free } = await room.engine.space();
    expect(database + (log ?? 0)).toBeGreaterThan(10_000);
    if (name === 'sqlite') expect([log, free].every((bytes) => (bytes ?? 0) > 0)).toBe(true);
    else expect([log, free]).toEqual([null, null]);
  });

  it('tells who leads', async () => {
    const room = await open();
    await room.engine.lead();
    expect(room.engine.vitals().leads).toBe(true);
  });

  it('tells of the connections to its server', async () => {
    const room = await open();
    const { id } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    const { token } = await seedApp(room, id);
    await room.deliver(token, 'openai');
    const { pools } = room.engine.vitals();
    if (name === 'sqlite') return expect(pools).toEqual([]);
    expect(pools.map(({ pool, max }) => [pool, max])).toEqual([
      ['readers', 2],
      ['units', 2],
      ['loaders', 2],
      ['lanes', 4],
    ]);
    await vi.waitFor(() =>
      expect(room.engine.vitals().pools.at(-1)).toMatchObject({ busy: 0, idle: 1, waiting: 0 }),
    );
  });
});
