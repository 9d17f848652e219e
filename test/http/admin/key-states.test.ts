/** What the audit trail says that happened to keys is what src/domain/key-states.ts knows, and all of that. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TRANSITIONS } from '../../../src/domain/key-states.ts';
import { DrainWatch } from '../../../src/operations/keys/drain-keys.ts';
import { enableDueKeys } from '../../../src/operations/keys/enable-key.ts';
import { expireKeys } from '../../../src/operations/keys/expire-keys.ts';
import { retireDueKeys } from '../../../src/operations/keys/retire-keys.ts';
import { type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme, type Schemas } from '../../support/admin-client.ts';

const HOUR = 3_600_000;
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const ROTATE = `${SERVICE}/rotate`;
const KEY = `${SERVICE}/keys/{id}`;
/** They take clients that report. */
const BY_REPORTS = ['key.cooling', 'key.recovered', 'key.quarantined'];
let acme: Acme;
let services = 0;

beforeAll(async () => {
  acme = await startAcme();
});
afterAll(() => acme.vault.stop());

/** A service of its own with keys of these labels; the first is current. */
async function serviceWith(
  keys: Record<string, Partial<Schemas['NewKey']>>,
  members: Partial<Schemas['NewService']> = {},
) {
  const slug = `s${++services}`;
  await acme.service({ slug, ...members });
  const ids = new Map<string, number>();
  for (const [label, more] of Object.entries(keys)) ids.set(label, (await acme.key(slug, label, more)).id);
  const id = (label: string) => ids.get(label) ?? 0;
  const at = (label: string) => inAcme({ service: slug, id: id(label) });
  return {
    slug,
    id,
    rotate: (body: Schemas['Rotate']) =>
      dataOf(acme.client.POST(ROTATE, { ...inAcme({ service: slug }), body })),
    disable: (label: string, body: Partial<Schemas['Disabling']> = {}) =>
      dataOf(acme.client.POST(`${KEY}/disable`, { ...at(label), body: { reason: 'asked for', ...body } })),
    enable: (label: string) => dataOf(acme.client.POST(`${KEY}/enable`, at(label))),
    burn: (label: string) =>
      dataOf(acme.client.POST(`${KEY}/burn`, { ...at(label), body: { reason: 'leaked' } })),
    change: (body: Schemas['ServicePatch']) =>
      dataOf(acme.client.PATCH(SERVICE, { ...inAcme({ service: slug }), body })),
    changeKey: (label: string, body: Schemas['KeyPatch']) =>
      dataOf(acme.client.PATCH(KEY, { ...at(label), body })),
  };
}

const inAnHour = () => ({ expires_at: new Date(acme.vault.clock.wall() + HOUR).toISOString() });
/** As quarantine does it, which clients bring about. */
const quarantine = (label: string) =>
  acme.vault.engine.write({ tenantId: 1 }, (unit) =>
    unit.updateTable('provider_keys').set({ state: 'quarantined' }).where('label', '=', label).execute(),
  );

async function runJobs(): Promise<void> {
  const { vault } = acme.vault.jobs;
  const time = vault.engine.time();
  await expireKeys(vault, time);
  await retireDueKeys(vault, time);
  await enableDueKeys(vault, time);
  await new DrainWatch().run(vault, time);
}

it('every change of a key is one that is known, and every one that is known has happened', async () => {
  const turns = await serviceWith({ a: {}, b: {} }, { policy: 'time', rotate_every_minutes: 60 });
  const ends = await serviceWith({ c: inAnHour(), d: inAnHour(), e: inAnHour(), f: {} });
  await ends.disable('e', { auto_enable_after_seconds: 3_600 });
  const graces = await serviceWith({ g: {}, h: {}, i: {}, j: {} });
  await graces.rotate({ retire_old: true, grace_seconds: 60 });
  await graces.rotate({ retire_old: true });
  await graces.rotate({});
  acme.vault.advance(HOUR);
  expect(await acme.deliver(turns.slug)).toBe('b');
  await runJobs();
  expect(await acme.states(turns.slug)).toBe('a expired, b*active');
  expect(await acme.states(ends.slug)).toBe('c expired, d expired, e expired, f*active');
  expect(await acme.states(graces.slug)).toBe('g retired, h retired, i standby, j*active');

  for (const [end, policy] of [
    ['disable', null],
    ['enable', null],
    ['enable', 'usage'],
    ['burn', null],
  ] as const) {
    const each = await serviceWith({ k: inAnHour(), l: {}, m: {}, n: {}, o: {}, p: {}, q: {} });
    await each.disable('o');
    await each.disable('p');
    await each.enable('p');
    acme.vault.advance(HOUR);
    await runJobs();
    await each.changeKey('k', { expires_at: null });
    await each.rotate({ retire_old: true, grace_seconds: 3_600 });
    await each.rotate({ retire_old: true });
    await quarantine('p');
    expect(await acme.states(each.slug)).toBe(
      'k expired, l retiring, m retired, n*active, o disabled, p quarantined, q standby',
    );
    if (policy !== null) await each.change({ policy });
    for (const label of ['k', 'l', 'm', 'o', 'p', 'q', 'n']) await each[end](label);
    if (end === 'burn') for (const { state } of await acme.keys(each.slug)) expect(state).toBe('burned');
    else if (end === 'disable')
      for (const { state } of await acme.keys(each.slug)) expect(state).toBe('disabled');
    else expect(await acme.states(each.slug)).not.toMatch(/expired|retir|disabled|quarantined/);
    // What follows finds its keys by their labels.
    await acme.vault.engine.write({ tenantId: 1 }, (unit) =>
      unit.updateTable('provider_keys').set({ label: 'done' }).where('label', '=', 'p').execute(),
    );
  }
  const side = await serviceWith({ r: {}, s: {} }, { policy: 'usage' });
  await side.disable('r');
  await side.enable('r');
  await side.change({ policy: 'manual' });
  expect(await acme.states(side.slug)).toBe('r*active, s standby');
  await side.change({ policy: 'failover' });
  expect(await acme.states(side.slug)).toBe('r active, s active');

  const entries = await acme.vault.engine.read
    .selectFrom('audit_entries')
    .select(['type', 'target', 'before', 'after', 'reason', 'actor_kind'])
    .where('target', 'like', '%/key:%')
    .execute();
  const seen = new Set<string>();
  for (const { type, target, before, after, reason, actor_kind } of entries) {
    const from: string | null = before === null ? null : JSON.parse(before).state;
    const to: string = after === null ? from : JSON.parse(after).state;
    if (from === to) continue;
    const known = TRANSITIONS.filter(
      (each) =>
        each.audit === type &&
        (from === null ? each.from === null : each.from?.includes(from as never)) &&
        each.to.includes(to as never),
    );
    expect(known, `${target}: ${from} → ${to} by ${type}`).toHaveLength(1);
    expect(actor_kind).not.toBe('');
    if (type !== 'key.created' && !(type === 'key.enabled' && actor_kind !== 'system'))
      expect(reason, type).not.toBeNull();
    seen.add(`${type}: ${from} → ${to}`);
  }
  const all = TRANSITIONS.filter(
    ({ audit }) => !BY_REPORTS.includes(audit) && audit !== 'service.updated',
  ).flatMap(({ audit, from, to }) =>
    // A key that cools is kept as what it is underneath.
    (from ?? [null])
      .filter((one) => one !== 'cooling')
      .flatMap((one) => to.filter((other) => other !== one).map((other) => `${audit}: ${one} → ${other}`)),
  );
  expect([...seen].toSorted()).toEqual(all.toSorted());
});

it('a burned key cannot be enabled, disabled or rotated to', async () => {
  const { slug, burn, enable, disable, rotate } = await serviceWith({ t: {}, u: {} });
  const { id } = await burn('t');
  await expect(enable('t')).rejects.toThrow(/409.*burned for good/);
  await expect(disable('t')).rejects.toThrow(/409/);
  await expect(rotate({ to_key_id: id })).rejects.toThrow(/409.*burned/);
  expect(await acme.states(slug)).toBe('t burned, u*active');
});

it('a service that a change leaves without a key is told of, with when one is back', async () => {
  const told = async () => {
    const { read } = acme.vault.engine;
    const rows = await read
      .selectFrom('outbox')
      .select('data')
      .where('type', '=', 'service.no_active_keys')
      .orderBy('seq')
      .execute();
    return rows.map(({ data }) => JSON.parse(data));
  };
  const before = (await told()).length;
  const disabled = await serviceWith({ a: {}, b: {} });
  await disabled.disable('a');
  const burned = await serviceWith({ a: {} });
  const deleted = await serviceWith({ a: {} });
  const expired = await serviceWith({ a: inAnHour() });
  const cooling = await serviceWith({ a: {}, b: {} });
  const back = acme.vault.clock.wall() + HOUR + 60_000;
  await acme.vault.engine.write({ tenantId: 1 }, (unit) =>
    unit
      .updateTable('provider_keys')
      .set({ cooling_until: back })
      .where('id', '=', cooling.id('b'))
      .execute(),
  );
  expect((await told()).length).toBe(before);
  await disabled.disable('b');
  await burned.burn('a');
  const { response } = await acme.client.DELETE(KEY, inAcme({ service: deleted.slug, id: deleted.id('a') }));
  expect(response.status).toBe(204);
  acme.vault.advance(HOUR);
  await runJobs();
  await cooling.disable('a');
  const data = { tenant: 'acme', back_at: null };
  expect((await told()).slice(before)).toEqual([
    { ...data, service: disabled.slug },
    { ...data, service: burned.slug },
    { ...data, service: deleted.slug },
    { ...data, service: expired.slug },
    { ...data, service: cooling.slug, back_at: new Date(back).toISOString() },
  ]);
});
