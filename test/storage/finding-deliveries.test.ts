import { decodeTime, encodeTime } from 'ulid';
import { describe, expect, it } from 'vitest';
import { continueDeliveryIds, nextDeliveryId } from '../../src/operations/delivery/delivery-id.ts';
import { ENGINES } from '../support/engines.ts';
import { addService, addTenant } from '../support/furnish.ts';
import { Reporter, TRUSTING } from '../support/reporter.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { startVault, testedEngine } from '../support/start-vault.ts';
import { answerOf, type Room, tempFolder } from '../support/storage-room.ts';

const DAY = 86_400_000;

async function deliver(room: Room, token: string, count: number): Promise<string[]> {
  const outcomes = await Promise.all(Array.from({ length: count }, () => room.deliver(token, 'openai')));
  return outcomes.map((outcome) => answerOf(outcome).delivery_id);
}

/** A number of the id's own: the one after it, or before it, is nobody's. */
const beside = (id: string, by: 1 | -1) => encodeTime(decodeTime(id) + by * 3_600_000, 10) + id.slice(10);

for (const engine of ENGINES) {
  describe(`looking for deliveries on ${engine.name}`, () => {
    it('finds each by its id, and nothing by the id of none', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      const since = room.engine.time().now - DAY;
      expect(await room.engine.findDeliveries(['01J00000000000000000000000'], since)).toEqual(new Map());
      expect(await room.engine.findDeliveries([], since)).toEqual(new Map());
      const ids = await deliver(room, token, 75);
      room.advance(60_000);
      ids.push(...(await deliver(room, token, 38)));
      // Places without a delivery, as a batch that failed leaves them.
      const gone = ids.filter((_, at) => at % 7 === 3 || (at > 40 && at < 60));
      await room.engine.write('nothing', (unit) =>
        unit.deleteFrom('deliveries').where('delivery_id', 'in', gone).execute(),
      );
      const left = ids.filter((each) => !gone.includes(each));
      const nobodys = [ids[0], ids[74], ids[112]].flatMap((each = '') => [beside(each, 1), beside(each, -1)]);
      const found = await room.engine.findDeliveries([...ids, ...nobodys], since);
      expect([...found.keys()].sort()).toEqual(left);
      for (const [delivery_id, row] of found) expect(row).toMatchObject({ delivery_id, tenant_id: id });
    });

    it('finds none that was made before the time that is asked for', async () => {
      const room = await engine.open();
      const { id, token } = await seedTenant(room, 'acme');
      await seedService(room, id, 'openai');
      const early = await deliver(room, token, 5);
      room.advance(1);
      const since = room.engine.time().now;
      const late = await deliver(room, token, 5);
      const found = await room.engine.findDeliveries([...early, ...late], since);
      expect([...found.keys()].sort()).toEqual(late);
    });
  });
}

describe('the ids of deliveries', () => {
  it('go on behind one of an earlier process, whatever the clock says', () => {
    const newest = encodeTime(Date.parse('2027-05-01T00:00:00Z'), 10) + 'Z'.repeat(16);
    continueDeliveryIds(newest);
    const next = nextDeliveryId(Date.parse('2026-03-01T12:00:00Z'));
    expect(next > newest).toBe(true);
    expect(nextDeliveryId(Date.parse('2026-03-01T12:00:00Z')) > next).toBe(true);
  });

  it.runIf(testedEngine === 'sqlite')(
    'go on behind those in the file after a start, so that what is delivered then can be reported on',
    async () => {
      const folder = tempFolder();
      const before = await startVault({ env: TRUSTING, folder });
      const token = await addTenant(before, 'acme');
      await addService(before, 'acme', { slug: 'openai' });
      for (let times = 0; times < 6; times++) await new Reporter(before, token).next('openai');
      // As a process made them whose clock was wrong.
      const ahead = encodeTime(Date.parse('2028-01-01T00:00:00Z'), 10);
      await before.engine.write('nothing', async (unit) => {
        for (let seq = 1; seq <= 6; seq++)
          await unit
            .updateTable('deliveries')
            .set({ delivery_id: ahead + String(seq).padStart(16, '0') })
            .where('seq', '=', seq)
            .execute();
      });
      await before.stop();
      const vault = await startVault({ env: TRUSTING, folder });
      const { reply } = await new Reporter(vault, token).fetchAndReport('openai', 'ok');
      expect(reply.status).toBe(202);
      await vault.stop();
    },
  );
});
