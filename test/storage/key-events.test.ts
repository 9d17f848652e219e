/** What happens to keys on the way of a delivery is told in the commit of it, once. */
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/domain/network.ts';
import { RefusalRecorder } from '../../src/operations/usage/record-refusals.ts';
import { damageKey } from '../support/damage-key.ts';
import { ENGINES, type TestedEngine } from '../support/engines.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import type { Room } from '../support/storage-room.ts';

const HOUR = 3_600_000;

async function furnish(engine: TestedEngine) {
  const room = await engine.open();
  const { id: tenantId, token } = await seedTenant(room, 'acme');
  return { room, tenantId, token };
}

async function told(room: Room): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const rows = await room.rows<{ type: string; data: string }>('SELECT type, data FROM outbox ORDER BY seq');
  return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }));
}

async function audited(room: Room): Promise<string[]> {
  const rows = await room.rows<{ type: string; target: string }>(
    "SELECT type, target FROM audit_entries WHERE target LIKE 'service:%' ORDER BY id",
  );
  return rows.map(({ type, target }) => `${type} ${target}`);
}

for (const engine of ENGINES) {
  describe(`events of keys on ${engine.name}`, () => {
    it('a delivery that makes the next key current tells of it, and of the one that has expired', async () => {
      const { room, tenantId, token } = await furnish(engine);
      const expires_at = room.engine.time().now + HOUR;
      const { keyIds } = await seedService(room, tenantId, 's', {}, [{ expires_at }, {}]);
      await room.deliver(token, 's');
      expect(await told(room)).toEqual([]);
      room.advance(HOUR);
      await Promise.all(Array.from({ length: 5 }, () => room.deliver(token, 's')));
      const data = { tenant: 'acme', service: 's' };
      const [from, to] = keyIds;
      expect(await told(room)).toEqual([
        { type: 'key.expired', data: { ...data, key_id: from, why: 'expired' } },
        {
          type: 'key.rotated',
          data: { ...data, from_key_id: from, to_key_id: to, why: 'expired', reason: null },
        },
        { type: 'service.last_key', data: { ...data, key_id: to, cause: 'left alone' } },
      ]);
    });

    it('a key that cannot be decrypted is told of once, whether another one is delivered or none is', async () => {
      const { room, tenantId, token } = await furnish(engine);
      const { keyIds } = await seedService(room, tenantId, 's', { policy: 'failover' }, [{}, {}]);
      const [first = 0, second = 0] = keyIds;
      const failed = (key_id: number) => ({
        type: 'key.decrypt_failed',
        data: { tenant: 'acme', service: 's', key_id },
      });
      await damageKey(room, first, tenantId);
      await Promise.all(Array.from({ length: 5 }, () => room.deliver(token, 's')));
      expect(await told(room)).toEqual([failed(first)]);
      await damageKey(room, second, tenantId);
      const refused = await Promise.all(Array.from({ length: 5 }, () => room.deliver(token, 's')));
      for (const { refusal } of refused) expect(refusal?.reason).toBe('key decrypt failed');
      expect(await told(room)).toEqual([failed(first), failed(second)]);
      expect(await audited(room)).toEqual(keyIds.map((id) => `key.decrypt_failed service:s/key:${id}`));
    });

    it('a service that refused for want of a key is told of once an hour, whichever replica refused', async () => {
      const { room, tenantId } = await furnish(engine);
      const service = await seedService(room, tenantId, 's', {}, [{ state: 'disabled' }]);
      const recorders = [new RefusalRecorder(), new RefusalRecorder()];
      const refusal = {
        tenant_id: tenantId,
        service_id: service.id,
        app_id: 0,
        network: parseAddress('192.0.2.1')?.text ?? '',
        requestId: 'r',
      };
      const refuseAndWrite = async (reason: string) => {
        for (const recorder of recorders) recorder.count({ ...refusal, reason }, room.engine.time().now);
        for (const recorder of recorders) await recorder.flush(room);
        return (await told(room)).length;
      };
      expect(await refuseAndWrite('ip not allowed')).toBe(0);
      expect(await refuseAndWrite('no active keys')).toBe(1);
      expect(await told(room)).toEqual([
        { type: 'service.no_active_keys', data: { tenant: 'acme', service: 's', back_at: null } },
      ]);
      room.advance(HOUR - 1);
      expect(await refuseAndWrite('no active keys')).toBe(1);
      room.advance(1);
      expect(await refuseAndWrite('no active keys')).toBe(2);
    });
  });
}
