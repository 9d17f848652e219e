/** A tenant in which everything that a job does by itself is due at one time, an hour after it was made. */
import { SYSTEM_ORIGIN } from '../../src/audit/entry.ts';
import { newApp } from '../../src/contract/apps.ts';
import { newKey } from '../../src/contract/keys.ts';
import { newService, rotateServiceBody } from '../../src/contract/services.ts';
import type { ClockReading } from '../../src/domain/clock.ts';
import * as enableDueJob from '../../src/jobs/enable-due.ts';
import * as expireJob from '../../src/jobs/expire-keys.ts';
import { createApp } from '../../src/operations/apps/apps.ts';
import { enableDueApps } from '../../src/operations/apps/enable-due-apps.ts';
import { disableApp } from '../../src/operations/apps/switch-app.ts';
import { disableKey } from '../../src/operations/keys/disable-key.ts';
import { enableDueKeys } from '../../src/operations/keys/enable-key.ts';
import { expireKeys } from '../../src/operations/keys/expire-keys.ts';
import { createKey } from '../../src/operations/keys/keys.ts';
import { retireDueKeys } from '../../src/operations/keys/retire-keys.ts';
import { rotateService } from '../../src/operations/keys/rotate-service.ts';
import { createService } from '../../src/operations/services/services.ts';
import type { Vault } from '../../src/operations/vault/vault.ts';
import { seedTenant } from './seed.ts';
import type { Room } from './storage-room.ts';

export const HOUR = 3_600_000;
/** To be made at this time, so that all of it is due at 13:00. */
export const MADE_AT = '2026-03-01T12:00:00Z';

/** What the jobs do, as the audit trail has it: each service and the app by its name. */
export const DONE_ONCE = [
  'app.enabled app',
  'key.enabled disabled/b',
  'key.expired expiring/a',
  'key.expired expiring/c',
  'key.retired retiring/a',
  'key.rotated expiring/b',
  'key.rotated period/a',
  'key.rotated period/b',
  'key.rotated schedule/a',
  'key.rotated schedule/b',
];

export interface DueTenant {
  readonly token: string;
  /** What was done since it was made, sorted. */
  done(room: Room): Promise<string[]>;
}

export async function makeDueTenant(room: Room): Promise<DueTenant> {
  const { id, token } = await seedTenant(room, 'acme');
  const keys = new Map<string, string>();
  const until = new Date(Date.parse(MADE_AT) + HOUR).toISOString();
  const add = async (slug: string, members: object, more: Record<string, object> = {}) => {
    await createService(room, SYSTEM_ORIGIN, 'acme', newService.parse({ slug, ...members }));
    const ids = [];
    for (const label of ['a', 'b', 'c']) {
      const input = newKey.parse({
        label,
        key: `sk-${slug}-${label}-0123456789`,
        ...more[label],
      });
      const key = await createKey(room, SYSTEM_ORIGIN, { tenant: 'acme', service: slug }, input);
      keys.set(`service:${slug}/key:${key.id}`, `${slug}/${label}`);
      ids.push(key.id);
    }
    return ids;
  };
  const time = { policy: 'time', on_expiry: 'cycle' };
  await add('period', { ...time, rotate_every_minutes: 60 });
  await add('schedule', { ...time, rotation_schedule: '0 14 * * *', timezone: 'Europe/Berlin' });
  await add('expiring', {}, { a: { expires_at: until }, c: { expires_at: until } });
  await add('retiring', {});
  const retire = rotateServiceBody.parse({ retire_old: true, grace_seconds: 3600 });
  await rotateService(room, SYSTEM_ORIGIN, { tenant: 'acme', service: 'retiring' }, retire);
  const [, second = 0] = await add('disabled', {});
  const path = { tenant: 'acme', service: 'disabled', key: second };
  await disableKey(room, SYSTEM_ORIGIN, path, { reason: 'x', auto_enable_after_seconds: 3600 });
  const app = await createApp(room, SYSTEM_ORIGIN, 'acme', newApp.parse({ name: 'App' }));
  await disableApp(room, SYSTEM_ORIGIN, 'acme', app.id, 'x', 3600);

  const last = await room.rows<{ id: number }>('SELECT max(id) AS id FROM audit_entries');
  return {
    token,
    async done(of) {
      const rows = await of.rows<{ type: string; target: string }>(
        `SELECT type, target FROM audit_entries WHERE tenant_id = ${id} AND id > ${last[0]?.id}`,
      );
      return rows
        .map(({ type, target }) => `${type} ${keys.get(target) ?? target.replace(/:\d+$/, '')}`)
        .sort();
    },
  };
}

/** What changes something by the time that it is, as the jobs do it. */
export const DUE_WORK = [expireKeys, retireDueKeys, enableDueKeys, enableDueApps];

/** Every job that does. */
export async function runJobs(vault: Vault, time: ClockReading = vault.engine.time()): Promise<void> {
  await expireJob.runOnce(vault, time);
  await enableDueJob.runOnce(vault, time);
}
