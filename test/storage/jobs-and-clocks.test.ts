/** What jobs do by the time that it is, while clocks jump and the process is off: each once, whoever runs them. */
import { describe, expect, it } from 'vitest';
import type { ClockReading } from '../../src/domain/clock.ts';
import { DrainWatch } from '../../src/operations/keys/drain-keys.ts';
import { recoverKeys } from '../../src/operations/keys/recover-keys.ts';
import { tellExpiring } from '../../src/operations/keys/tell-expiring.ts';
import { DONE_ONCE, DUE_WORK, HOUR, MADE_AT, makeDueTenant, runJobs } from '../support/due-jobs.ts';
import { ENGINES } from '../support/engines.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { answerOf, type Room } from '../support/storage-room.ts';

const MINUTE = 60_000;
const DAY = 24 * HOUR;

/** Which key each service hands out. */
async function handedOut(room: Room, token: string): Promise<string[]> {
  const labels = [];
  for (const service of ['period', 'schedule', 'expiring', 'retiring']) {
    labels.push(answerOf(await room.deliver(token, service)).key_label);
  }
  return labels;
}

/** When the turns of the two services under `time` began. */
async function turnsBegan(room: Room): Promise<string[]> {
  const rows = await room.rows<{ activated_at: number }>(
    `SELECT activated_at FROM services JOIN provider_keys ON provider_keys.id = current_key_id
     WHERE policy = 'time' ORDER BY services.id`,
  );
  return rows.map(({ activated_at }) => new Date(activated_at).toISOString());
}

for (const engine of ENGINES) {
  describe(`the jobs on ${engine.name}`, () => {
    it('do what is due when it is, not before, and once; a clock that is set back undoes and repeats nothing', async () => {
      const room = await engine.open({ at: MADE_AT });
      const { token, done } = await makeDueTenant(room);
      room.advance(59 * MINUTE);
      await runJobs(room);
      expect(await done(room)).toEqual([]);
      room.advance(MINUTE);
      for (let run = 0; run < 3; run++) await runJobs(room);
      expect(await done(room)).toEqual(DONE_ONCE);
      expect(await handedOut(room, token)).toEqual(['b', 'b', 'b', 'b']);

      for (const back of [61 * MINUTE, 7 * DAY]) {
        room.stepWall(-back);
        await runJobs(room);
        expect(await handedOut(room, token)).toEqual(['b', 'b', 'b', 'b']);
      }
      room.advance(50 * MINUTE);
      await runJobs(room);
      const again = await room.reopen();
      await runJobs(again);
      expect(await handedOut(again, token)).toEqual(['b', 'b', 'b', 'b']);
      expect(await done(again)).toEqual(DONE_ONCE);
    });

    it('catch up once after a week in which the process was off, and new turns begin then', async () => {
      const room = await engine.open({ at: MADE_AT });
      const { done } = await makeDueTenant(room);
      room.stepWall(7 * DAY + 90 * MINUTE);
      const again = await room.reopen();
      for (let run = 0; run < 3; run++) await runJobs(again);
      expect(await done(again)).toEqual(DONE_ONCE);
      const [period = '', schedule = ''] = await turnsBegan(again);
      expect([period.slice(0, 16), schedule.slice(0, 16)]).toEqual(['2026-03-08T13:30', '2026-03-08T13:30']);
      again.advance(59 * MINUTE);
      await runJobs(again);
      expect(await done(again)).toEqual(DONE_ONCE);
    });

    it('do nothing by a clock that leaps ahead until that has lasted an hour; other keys stand in meanwhile', async () => {
      const room = await engine.open({ at: MADE_AT });
      const { token, done } = await makeDueTenant(room);
      for (let leap = 0; leap < 2; leap++) {
        room.stepWall(7 * DAY);
        await runJobs(room);
        expect(await handedOut(room, token)).toEqual(['b', 'b', 'b', 'b']);
        room.advance(20 * MINUTE);
        await runJobs(room);
        expect(await done(room)).toEqual([]);
        room.stepWall(-7 * DAY);
        await runJobs(room);
        expect(await handedOut(room, token)).toEqual(['a', 'a', 'a', 'b']);
      }
      room.stepWall(7 * DAY);
      await runJobs(room);
      expect(await done(room)).toEqual([]);
      room.advance(HOUR);
      for (let run = 0; run < 3; run++) await runJobs(room);
      expect(await done(room)).toEqual(DONE_ONCE);
      expect((await turnsBegan(room)).map((began) => began.slice(0, 13))).toEqual([
        '2026-03-08T13',
        '2026-03-08T13',
      ]);
    });

    it('find by what is written what deliveries would rotate, and what they have rotated already they leave', async () => {
      const room = await engine.open({ at: MADE_AT });
      const { token, done } = await makeDueTenant(room);
      room.advance(HOUR);
      await handedOut(room, token);
      await runJobs(room);
      expect(await done(room)).toEqual(DONE_ONCE);
      room.advance(HOUR);
      await runJobs(room);
      expect(await done(room)).toEqual([...DONE_ONCE, 'key.rotated period/b', 'key.rotated period/c'].sort());
    });

    it('rotate nothing because of what is written wrongly of the end of a turn, and put it right', async () => {
      const room = await engine.open({ at: MADE_AT });
      const { done } = await makeDueTenant(room);
      const ends = () =>
        room.rows<{ end: number | null }>('SELECT next_rotation_at AS "end" FROM services ORDER BY id');
      const before = await ends();
      const { engine: own } = room;
      const [{ id } = { id: 0 }] = await room.rows<{ id: number }>(
        "SELECT id FROM tenants WHERE slug = 'acme'",
      );
      await own.write({ tenantId: id }, (unit) =>
        unit.updateTable('services').set({ next_rotation_at: 5 }).execute(),
      );
      await runJobs(room);
      expect(await done(room)).toEqual([]);
      expect(await ends()).toEqual(before);
    });
  });
}

/** Each of them does it twice, all at the same time. */
async function atOnce(
  rooms: readonly Room[],
  work: (room: Room, time: ClockReading) => Promise<unknown>,
): Promise<void> {
  await Promise.all([...rooms, ...rooms].map((room) => work(room, room.engine.time())));
}

describe('two replicas on one PostgreSQL', () => {
  it('do everything once, both at it at the same time', async () => {
    const one = await openPostgresRoom({ at: MADE_AT });
    const { done } = await makeDueTenant(one);
    const other = await one.replica();
    one.advance(HOUR);
    for (const work of DUE_WORK) await atOnce([one, other], work);
    expect(await done(one)).toEqual(DONE_ONCE);
  });

  it('tell of everything once, both at it at the same time', async () => {
    const one = await openPostgresRoom({ at: MADE_AT });
    await makeDueTenant(one);
    const other = await one.replica();
    const [{ id } = { id: 0 }] = await one.rows<{ id: number }>("SELECT id FROM tenants WHERE slug = 'acme'");
    const back = Date.parse(MADE_AT) + HOUR;
    await one.engine.write({ tenantId: id }, (unit) =>
      unit.updateTable('provider_keys').set({ cooling_until: back }).where('label', '=', 'c').execute(),
    );
    const drains = new Map<Room, DrainWatch>([one, other].map((room) => [room, new DrainWatch()]));
    const drainKeys = async (room: Room, time: ClockReading) => drains.get(room)?.run(room, time);
    for (const work of [tellExpiring, drainKeys]) await atOnce([one, other], work);
    one.advance(HOUR);
    for (const work of [recoverKeys, ...DUE_WORK]) await atOnce([one, other], work);
    const told = await one.rows<{ type: string; count: number }>(
      'SELECT type, count(*)::int AS count FROM outbox GROUP BY type',
    );
    expect(Object.fromEntries(told.map(({ type, count }) => [type, count]))).toEqual({
      'app.disabled': 1,
      'key.drained': 1,
      'key.expired': 2,
      'key.expiring': 2,
      'key.recovered': 4,
      'key.rotated': 4,
      'service.last_key': 1,
    });
  });

  it('do everything once where the lead moves while the clock of one has leapt ahead', async () => {
    const one = await openPostgresRoom({ at: MADE_AT });
    const { done } = await makeDueTenant(one);
    one.stepWall(7 * DAY);
    one.engine.time();
    one.advance(HOUR);
    await runJobs(one);
    expect(await done(one)).toEqual(DONE_ONCE);
    one.stepWall(-7 * DAY);
    const other = await one.replica();
    await runJobs(other);
    expect(await done(other)).toEqual(DONE_ONCE);
  });
});
