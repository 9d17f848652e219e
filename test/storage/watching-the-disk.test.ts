import { expect, it } from 'vitest';
import { type DiskState, DiskWatch } from '../../src/operations/upkeep/watch-disk.ts';
import { RefusalRecorder } from '../../src/operations/usage/record-refusals.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, openRoom, type Room } from '../support/storage-room.ts';

const NOTHING = 0;
const MORE_THAN_ANY_DISK = 2 ** 60;

/** A watch whose marks lie below or above what the disk really has. */
function watchOf(marks: { warn: number; low: number }) {
  const refusals = new RefusalRecorder();
  const told: DiskState[] = [];
  const watch = new DiskWatch(marks, refusals, { changed: (state) => void told.push(state) });
  return { watch, refusals, told };
}

async function furnish(room: Room) {
  const { id, token } = await seedTenant(room, 'acme');
  const service = await seedService(room, id, 'openai');
  return {
    token,
    refusal: { tenant_id: id, app_id: 0, service_id: service.id, reason: 'ip not allowed', network: 'n' },
  };
}

it('says nothing of a disk with room', async () => {
  const { watch, told } = watchOf({ warn: NOTHING, low: NOTHING });
  await watch.look(await openRoom());
  expect(told).toEqual([]);
});

it('warns once of a disk that fills up, and goes on recording refusals', async () => {
  const room = await openRoom();
  const { refusal } = await furnish(room);
  const { watch, refusals, told } = watchOf({ warn: MORE_THAN_ANY_DISK, low: NOTHING });
  await watch.look(room);
  await watch.look(room);
  expect(told).toEqual(['scarce']);
  refusals.count({ ...refusal, requestId: 'r' }, room.engine.time().now);
  await refusals.flush(room);
  expect(await room.rows('SELECT count FROM refusals')).toEqual([{ count: 1 }]);
});

it('records deliveries and no refusals on a disk that is nearly full, and refusals again when it is not', async () => {
  const room = await openRoom();
  const { token, refusal } = await furnish(room);
  const marks = { warn: MORE_THAN_ANY_DISK, low: MORE_THAN_ANY_DISK };
  const { watch, refusals, told } = watchOf(marks);
  const refuse = async () => {
    refusals.count({ ...refusal, requestId: 'r' }, room.engine.time().now);
    await refusals.flush(room);
  };
  await watch.look(room);
  await refuse();
  expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(1);
  expect(await room.rows('SELECT * FROM refusals')).toEqual([]);
  Object.assign(marks, { warn: NOTHING, low: NOTHING });
  await watch.look(room);
  await refuse();
  expect(await room.rows('SELECT count FROM refusals')).toEqual([{ count: 1 }]);
  expect(told).toEqual(['low', 'enough']);
});

it('does not know the disk of a database server', async () => {
  const { watch, told } = watchOf({ warn: MORE_THAN_ANY_DISK, low: MORE_THAN_ANY_DISK });
  await watch.look(await openPostgresRoom());
  expect(told).toEqual([]);
});
