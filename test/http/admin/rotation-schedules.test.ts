import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expireKeys } from '../../../src/operations/keys/expire-keys.ts';
import { type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme, type Schemas, statusOf } from '../../support/admin-client.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
let acme: Acme;

beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.vault.stop());

/** A service `s` of three keys, made on 1 March 2026 at 12:00 UTC. */
async function serviceWith(members: Partial<Schemas['NewService']>): Promise<void> {
  await acme.service({ slug: 's', policy: 'time', on_expiry: 'cycle', ...members });
  for (const label of ['a', 'b', 'c']) await acme.key('s', label);
}

const body = (patch: Schemas['ServicePatch']) => ({ ...inAcme({ service: 's' }), body: patch });
const patch = (members: Schemas['ServicePatch']) => dataOf(acme.client.PATCH(SERVICE, body(members)));
const refused = (members: Schemas['ServicePatch']) => statusOf(acme.client.PATCH(SERVICE, body(members)));

/** How many turns the job ends now. */
function job(): Promise<number> {
  const { vault } = acme.vault.jobs;
  return expireKeys(vault, vault.engine.time());
}

/** Until when the key of the next delivery is handed out. */
async function until(): Promise<string> {
  const { body } = await acme.vault.next('service=s', { token: acme.token });
  return body.meta.expires_at;
}

describe('a rotation schedule', () => {
  it('ends turns at its times in the time zone of the service, by the job and by deliveries alike', async () => {
    await serviceWith({ rotation_schedule: '0 14 * * *', timezone: 'Europe/Berlin', max_age_seconds: 7200 });
    expect(await until()).toBe('2026-03-01T13:00:00.000Z');
    acme.vault.advance(HOUR - 1);
    expect([await job(), await acme.deliver('s')]).toEqual([0, 'a']);
    acme.vault.advance(1);
    expect([await job(), await job(), await acme.deliver('s')]).toEqual([1, 0, 'b']);
    expect(await until()).toBe('2026-03-02T13:00:00.000Z');
    acme.vault.advance(24 * HOUR);
    expect([await acme.deliver('s'), await job()]).toEqual(['c', 0]);
    expect(await acme.states('s')).toBe('a standby, b standby, c*active');
  });

  it('stands beside a period: whichever ends first ends the turn', async () => {
    await serviceWith({ rotation_schedule: '30 13 * * *', rotate_every_minutes: 60 });
    const ends: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      ends.push((await until()).slice(11, 16));
      acme.vault.advance(turn === 1 ? 30 * MINUTE : HOUR);
      expect(await job()).toBe(1);
    }
    expect(ends).toEqual(['13:00', '13:30', '14:30']);
  });

  it('shortens how long a client may use the key', async () => {
    await serviceWith({ rotation_schedule: '10 12 * * *', max_age_seconds: 7200 });
    const reply = await acme.vault.next('service=s', { token: acme.token });
    expect(reply.body.meta.max_age_seconds).toBe(600);
  });

  it('ends a turn once, whatever was missed, and the next one begins then', async () => {
    await serviceWith({ rotation_schedule: '*/5 * * * *' });
    acme.vault.advance(7 * 24 * HOUR + 2 * MINUTE);
    expect([await job(), await job()]).toEqual([1, 0]);
    expect(await acme.states('s')).toBe('a standby, b*active, c standby');
    expect(await until()).toBe('2026-03-08T12:05:00.000Z');
  });
});

describe('a change of a service by time', () => {
  it('has a new schedule, or time zone, count from then on: no time before it ends the turn', async () => {
    await serviceWith({ rotation_schedule: '0 11 * * *' });
    acme.vault.advance(6 * HOUR);
    await patch({ rotation_schedule: '0 13 * * *' });
    expect([await job(), await until()]).toEqual([0, '2026-03-02T13:00:00.000Z']);
    await patch({ timezone: 'Asia/Tokyo' });
    expect([await job(), await until()]).toEqual([0, '2026-03-02T04:00:00.000Z']);
    acme.vault.advance(10 * HOUR);
    expect([await job(), await acme.deliver('s')]).toEqual([1, 'b']);
  });

  it('changes one for the other, and keeps at least one', async () => {
    await serviceWith({ rotate_every_minutes: 60 });
    expect(await refused({ rotate_every_minutes: null })).toBe(422);
    const schedule = { rotate_every_minutes: null, rotation_schedule: '0 3 * * *' };
    expect(await patch(schedule)).toMatchObject(schedule);
    expect(await refused({ rotation_schedule: null })).toBe(422);
    acme.vault.advance(2 * HOUR);
    expect([await job(), await until()]).toEqual([0, '2026-03-02T03:00:00.000Z']);
    await patch({ rotation_schedule: null, rotate_every_minutes: 121 });
    acme.vault.advance(MINUTE);
    expect([await job(), await acme.deliver('s')]).toEqual([1, 'b']);
  });

  it('to another policy forgets the schedule, and ends no turn any more', async () => {
    await serviceWith({ rotation_schedule: '0 13 * * *' });
    expect(await refused({ policy: 'manual', rotation_schedule: '0 13 * * *' })).toBe(422);
    for (const policy of ['manual', 'usage', 'manual'] as const) {
      expect(await patch({ policy })).toMatchObject({ policy, rotation_schedule: null });
      acme.vault.advance(24 * HOUR);
      expect(await job()).toBe(0);
    }
    await patch({ policy: 'time', rotation_schedule: '0 13 * * *' });
    acme.vault.advance(HOUR);
    expect(await job()).toBe(1);
  });

  it('by hand begins a turn: the job ends it when that is over', async () => {
    await serviceWith({ rotate_every_minutes: 60 });
    acme.vault.advance(30 * MINUTE);
    await acme.client.POST(`${SERVICE}/rotate`, { ...inAcme({ service: 's' }), body: {} });
    acme.vault.advance(59 * MINUTE);
    expect(await job()).toBe(0);
    const [, b] = await acme.keys('s');
    await acme.client.DELETE(`${SERVICE}/keys/{id}`, inAcme({ service: 's', id: b?.id ?? 0 }));
    expect(await acme.states('s')).toBe('a standby, c*active');
    acme.vault.advance(59 * MINUTE);
    expect(await job()).toBe(0);
    acme.vault.advance(MINUTE);
    expect([await job(), await acme.states('s')]).toEqual([1, 'a*active, c standby']);
  });
});
