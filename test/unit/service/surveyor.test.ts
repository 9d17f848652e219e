import { expect, it } from 'vitest';
import type { Vault } from '../../../src/operations/vault/vault.ts';
import { Surveyor } from '../../../src/service/surveyor.ts';
import { seedTenant } from '../../support/seed.ts';
import { openRoom } from '../../support/storage-room.ts';

/** The vault of a room whose database does not answer while `away` says so, and counts who asks. */
async function setUp() {
  const room = await openRoom();
  await seedTenant(room, 'acme');
  const state = { away: null as (() => Promise<never>) | null, asked: 0, monotonic: 0 };
  const engine = new Proxy(room.engine, {
    get(target, name) {
      if (name === 'space') {
        return () => {
          state.asked++;
          return state.away?.() ?? target.space();
        };
      }
      const member = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const vault: Vault = { engine, keyring: room.keyring, digests: room.digests };
  return { state, surveyor: new Surveyor(vault, () => state.monotonic) };
}

it('asks the database once for all who want to know within ten seconds', async () => {
  const { state, surveyor } = await setUp();
  const answers = await Promise.all(Array.from({ length: 20 }, () => surveyor.latest()));
  expect(answers[0]?.space.database).toBeGreaterThan(0);
  state.monotonic = 9_999;
  await surveyor.latest();
  expect(state.asked).toBe(1);
  state.monotonic = 600_000;
  await surveyor.latest();
  expect(state.asked).toBe(2);
});

it('knows nothing once the database has failed, until it answers again', async () => {
  const { state, surveyor } = await setUp();
  expect(await surveyor.latest()).not.toBeNull();
  state.away = () => Promise.reject(new Error('away'));
  state.monotonic += 600_000;
  expect(await surveyor.latest()).toBeNull();
  state.away = null;
  state.monotonic += 600_000;
  expect(await surveyor.latest()).not.toBeNull();
});

it('waits no longer than a second for a database that does not answer', async () => {
  const { state, surveyor } = await setUp();
  state.away = () => new Promise(() => {});
  const started = performance.now();
  expect(await surveyor.latest()).toBeNull();
  expect(performance.now() - started).toBeLessThan(2_000);
});
