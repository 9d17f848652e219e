/** A machine that has slept: its own clocks have stood still, the database's has not. */
import { expect, it } from 'vitest';
import { DEMO_THROTTLE } from '../../src/domain/judge.ts';
import { NetworkThrottle } from '../../src/domain/network-throttle.ts';
import { deliverKey } from '../../src/operations/delivery/deliver-key.ts';
import { PLAIN_CLIENT } from '../support/plain-client.ts';
import { openEngine } from '../support/postgres-failures.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { reasonOf } from '../support/storage-room.ts';

const SLEPT_MS = 3_000;

it('a token that has expired while the replica slept gets no key when it wakes', async () => {
  const { keyring, digests, database, ...room } = await openPostgresRoom();
  const vault = { ...room, keyring, digests };
  const { id } = await seedTenant(vault, 'acme');
  await seedService(vault, id, 'openai');
  const app = await seedApp(vault, id, { expires_at: Date.now() + 2_000 });
  let slept = 0;
  const clock = { wall: (database: number) => database, monotonic: () => performance.now() - slept };
  const { engine } = await openEngine(database.url, { clock });
  const demoThrottle = new NetworkThrottle(DEMO_THROTTLE);
  const deliver = () =>
    deliverKey(
      { engine, keyring, digests, demoThrottle },
      { token: app.token, service: 'openai', address: null, client: PLAIN_CLIENT, mask: false },
    );
  for (let turn = 0; turn < 3; turn++) expect(reasonOf(await deliver())).toBeNull();
  // Nothing of the process may run meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLEPT_MS);
  slept = SLEPT_MS;
  expect(reasonOf(await deliver())).toBe('token expired');
  expect(await database.query('SELECT FROM deliveries')).toHaveLength(3);
});
