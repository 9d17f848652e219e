/** What replicas on one PostgreSQL see, each for itself, is told of once. */
import { expect, it } from 'vitest';
import { tellExpiring } from '../../src/operations/keys/tell-expiring.ts';
import { ActivityRecorder } from '../../src/operations/usage/record-activity.ts';
import { RefusalRecorder } from '../../src/operations/usage/record-refusals.ts';
import { watchRefusals } from '../../src/operations/usage/watch-refusals.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { eventReader } from '../support/told-events.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

it('of two replicas that both look, one tells of an end, of a new address, of a rate and of refusals', async () => {
  const one = await openPostgresRoom({ at: '2026-03-01T12:00:00Z' });
  const other = await one.replica();
  const rooms = [one, other];
  const acme = await seedTenant(one, 'acme');
  const expires_at = one.engine.time().settled + 8 * DAY;
  await seedService(one, acme.id, 's', {}, [{ expires_at }, { expires_at }]);
  const app = await seedApp(one, acme.id, { expires_at });
  const told = eventReader(one.engine);
  const types = async () => (await told()).map(({ type, cause = '' }) => `${type} ${cause}`.trim());
  const both = (work: (room: (typeof rooms)[number]) => Promise<unknown>) =>
    Promise.all([...rooms, ...rooms].map(work));

  const recorders = new Map(rooms.map((room) => [room, new ActivityRecorder()]));
  const use = (network: string, count: number) =>
    Promise.all(
      [...recorders].map(([room, recorder]) => {
        for (let n = 0; n < count; n++) recorder.count(app.id, network);
        return recorder.flush(room);
      }),
    );
  await use('192.0.2.1', 15);
  one.advance(DAY);
  await both((room) => tellExpiring(room, room.engine.time()));
  expect((await types()).sort()).toEqual(['app.token_expiring', 'key.expiring', 'key.expiring']);

  await use('192.0.2.2', 1);
  expect(await types()).toEqual(['access.suspicious new address']);
  one.advance(HOUR);
  await use('192.0.2.1', 70);
  expect(await types()).toEqual([]);
  await use('192.0.2.1', 20);
  expect(await types(), 'in the hour before both together had 30 and 2').toEqual([
    'access.suspicious unusual rate',
  ]);

  const { now } = one.engine.time();
  for (const room of rooms) {
    const refusals = new RefusalRecorder();
    const refusal = { tenant_id: acme.id, app_id: 0, service_id: 0, reason: 'unknown service' };
    for (let n = 0; n < 15; n++)
      refusals.count({ ...refusal, network: '192.0.2.9', requestId: `req_${n}` }, now);
    await refusals.flush(room);
  }
  await both((room) => watchRefusals(room, room.engine.time()));
  expect(await types()).toEqual(['access.suspicious refusals']);
});
