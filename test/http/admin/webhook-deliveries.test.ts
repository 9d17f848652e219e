/** The log of what a webhook was sent, and an event of it sent again. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as prune from '../../../src/jobs/prune.ts';
import { dataOf, refusalOf, statusOf } from '../../support/admin-client.ts';
import {
  type Hook,
  type HookedTenant,
  type HookedVault,
  startHookedVault,
} from '../../support/hooked-vault.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';

const LOG = '/admin/v1/tenants/{tenant}/webhooks/{id}/deliveries';
const REPLAY = '/admin/v1/tenants/{tenant}/webhooks/{id}/deliveries/{delivery}/replay';
const DAY = 86_400_000;
let hooked: HookedVault;

beforeAll(async () => {
  hooked = await startHookedVault();
});

afterAll(() => hooked.stop());

async function hookOf(): Promise<{ tenant: HookedTenant; hook: Hook }> {
  const tenant = await hooked.tenant();
  return { tenant, hook: await tenant.hook() };
}

async function logOf({ slug: tenant }: HookedTenant, { id }: Hook, query: object = {}) {
  return dataOf(hooked.client.GET(LOG, { params: { path: { tenant, id }, query } }));
}

const replay = ({ slug: tenant }: HookedTenant, { id }: Hook, delivery: number) =>
  hooked.client.POST(REPLAY, { params: { path: { tenant, id, delivery } } });

describe('the log of a webhook', () => {
  it('has every attempt, newest first, with status, latency and what the receiver said', async () => {
    const { tenant, hook } = await hookOf();
    hook.answers((_request, response) => void response.writeHead(503).end('down for maintenance'));
    const [delivery] = await tenant.deliver();
    const at = new Date(hooked.vault.clock.wall()).toISOString();
    await hooked.send();
    hook.answers((request) => void request.socket.destroy());
    hooked.vault.advance(6_000);
    await hooked.send();
    hook.answers((_request, response) => void response.writeHead(200).end('thanks'));
    hooked.vault.advance(600_000);
    await hooked.send();
    const { data, next_cursor } = await logOf(tenant, hook);
    expect(next_cursor).toBeNull();
    const common = { id: expect.any(Number), message_id: `msg_${delivery}`, type: 'key.delivered' };
    const latency_ms = expect.any(Number);
    expect(data.map(({ at: _at, ...rest }) => rest)).toEqual([
      { ...common, attempt: 3, status: 200, latency_ms, error: null, answer: 'thanks' },
      { ...common, attempt: 2, status: null, latency_ms, error: 'connection_lost', answer: null },
      {
        ...common,
        attempt: 1,
        status: 503,
        latency_ms,
        error: 'http_status',
        answer: 'down for maintenance',
      },
    ]);
    expect(data[2]?.at).toBe(at);
  });

  it('comes in pages', async () => {
    const { tenant, hook } = await hookOf();
    const ids = await tenant.deliver(5);
    await hooked.send();
    const first = await logOf(tenant, hook, { limit: 3 });
    const second = await logOf(tenant, hook, { limit: 3, cursor: first.next_cursor });
    const seen = [...first.data, ...second.data].map(({ message_id }) => message_id);
    expect(seen.toSorted()).toEqual(ids.map((id) => `msg_${id}`).toSorted());
    expect(second.next_cursor).toBeNull();
  });

  it('holds whatever a receiver answers as text, but never the secret of the webhook', async () => {
    const { tenant, hook } = await hookOf();
    const bare = hook.secret.slice('whsec_'.length);
    const answers = [
      `<script>\u0007\u001b[31m ${hook.secret} and ${bare}!`,
      Buffer.from([0x61, 0xff, 0x00, 0x62]),
      `${'x'.repeat(1_024 - 30)}${bare}`,
      JSON.stringify({ got: Buffer.from(bare, 'base64').toString('hex') }),
    ];
    for (const answer of answers) {
      hook.answers((_request, response) => void response.writeHead(200).end(answer));
      await tenant.deliver();
      await hooked.send();
    }
    const { data } = await logOf(tenant, hook);
    expect(data.map(({ answer }) => answer)).toEqual([
      '[the answer held the secret]',
      `${'x'.repeat(1_024 - 30)}[secret]`,
      'a\ufffd\ufffdb',
      '<script>\u0007\u001b[31m whsec_[secret] and [secret]!',
    ]);
    const { rows } = await rowsOf('SELECT answer FROM webhook_attempts');
    expect(JSON.stringify(rows)).not.toContain(bare.slice(0, 12));
  });

  it('is kept to the newest thousand or so, and to the days that deliveries are', async () => {
    const { tenant, hook } = await hookOf();
    hook.answers(500);
    await tenant.deliver();
    await hooked.send();
    await hooked.vault.engine.write('nothing', async (unit) => {
      const row = await unit
        .selectFrom('webhook_attempts')
        .selectAll()
        .where('webhook_id', '=', hook.id)
        .executeTakeFirstOrThrow();
      const { id: _id, ...rest } = row;
      for (let n = 0; n < 5; n++)
        await unit
          .insertInto('webhook_attempts')
          .values(Array.from({ length: 500 }, () => rest))
          .execute();
    });
    const count = async () =>
      (await rowsOf(`SELECT count(*) AS count FROM webhook_attempts WHERE webhook_id = ${hook.id}`)).rows[0]
        ?.count;
    expect(await count()).toBe(2_501);
    await hooked.vault.engine.write('nothing', (unit) =>
      unit
        .insertInto('webhook_batches')
        .values([1, 2, 3].map((last_seq) => batchOf(hook, last_seq)))
        .execute(),
    );
    hook.answers(200);
    for (let round = 0; round < 4; round++) {
      await tenant.deliver(30);
      hooked.vault.advance(600_000);
      await hooked.send();
    }
    expect(await count()).toBeLessThan(1_130);
    const batches = `SELECT * FROM webhook_batches WHERE webhook_id = ${hook.id}`;
    expect((await rowsOf(batches)).rows).toEqual([]);
    expect(await count()).toBeGreaterThanOrEqual(1_000);
    hooked.vault.advance(31 * DAY);
    const { vault } = hooked.vault.jobs;
    const retention = { days: 30, deliveries: null };
    await prune.runOnce(vault, retention, vault.engine.time(), new AbortController().signal);
    expect(await count()).toBe(0);
  });

  it('has one in 32 of the deliveries that come faster than they are sent, and each that was not taken', async () => {
    const { tenant, hook } = await hookOf();
    let asked = 0;
    hook.answers((_request, response) => void response.writeHead(++asked === 10 ? 500 : 200).end());
    for (let round = 0; round < 2; round++) await tenant.deliver(64);
    await hooked.send();
    const { data } = await logOf(tenant, hook, { limit: 200 });
    expect(data).toHaveLength(5);
    expect(data.filter(({ error }) => error !== null)).toHaveLength(1);
  });
});

describe('a replay', () => {
  it('sends the event again under its id, whether it was taken or not, and is in the audit trail', async () => {
    const { tenant, hook } = await hookOf();
    const [delivery] = await tenant.deliver();
    await hooked.send();
    const [first] = hook.heard();
    const [attempt] = (await logOf(tenant, hook)).data;
    const call = replay(tenant, hook, attempt?.id ?? 0);
    expect(await dataOf(call)).toEqual({ message_id: `msg_${delivery}` });
    expect(await statusOf(call)).toBe(202);
    await hooked.send();
    expect(hook.heard()).toEqual([first]);
    await hooked.send();
    expect(hook.heard()).toEqual([]);
    expect((await logOf(tenant, hook)).data).toHaveLength(2);
    const audit = await hooked.vault.admin('GET', `/tenants/${tenant.slug}/audit?type=webhook.replayed`);
    expect(audit.body.data).toMatchObject([
      { target: `webhook:${hook.id}`, after: { message_id: `msg_${delivery}` } },
    ]);
  });

  it('is tried at once where the webhook is paused, and goes by the schedule from there', async () => {
    const { tenant, hook } = await hookOf();
    hook.answers(500);
    await tenant.deliver();
    await hooked.send();
    hook.heard();
    const [attempt] = (await logOf(tenant, hook)).data;
    hook.answers(200);
    await dataOf(replay(tenant, hook, attempt?.id ?? 0));
    await hooked.send();
    expect(hook.heard()).toHaveLength(1);
    expect(await hook.show()).toMatchObject({ failing_since: null });
  });

  it('sends the same batch again', async () => {
    const tenant = await hooked.tenant();
    const hook = await tenant.hook({ batch: true, events: ['key.delivered'] });
    await tenant.deliver(3);
    hooked.vault.advance(1_000);
    await hooked.send();
    const [first] = hook.heard();
    const [attempt] = (await logOf(tenant, hook)).data;
    await dataOf(replay(tenant, hook, attempt?.id ?? 0));
    await hooked.send();
    expect(hook.heard()).toEqual([first]);
  });

  it('is a 404 where the event is no longer on record, and a 409 where the webhook is switched off', async () => {
    const { tenant, hook } = await hookOf();
    await tenant.deliver();
    await hooked.send();
    const [attempt] = (await logOf(tenant, hook)).data;
    await hook.change({ enabled: false });
    const refused = await refusalOf(replay(tenant, hook, attempt?.id ?? 0));
    expect([refused.status, refused.detail]).toEqual([409, expect.stringContaining('enable it first')]);
    await hook.change({ enabled: true });
    await hooked.vault.engine.write('nothing', (unit) => unit.deleteFrom('deliveries').execute());
    expect((await refusalOf(replay(tenant, hook, attempt?.id ?? 0))).status).toBe(404);
    expect((await refusalOf(replay(tenant, hook, 999_999_999))).status).toBe(404);
  });

  it('of an attempt of another webhook, or of another tenant, is a 404 like that of none', async () => {
    const mine = await hookOf();
    const other = await hookOf();
    await other.tenant.deliver();
    await hooked.send();
    const [attempt] = (await logOf(other.tenant, other.hook)).data;
    const path = (tenant: HookedTenant, hook: Hook, id: number) =>
      `/tenants/${tenant.slug}/webhooks/${hook.id}/deliveries/${id}/replay`;
    const none = path(mine.tenant, mine.hook, 999_999_999);
    const sibling = await other.tenant.hook();
    const ofSibling = await refusalOf(replay(other.tenant, sibling, attempt?.id ?? 0));
    expect(ofSibling.status).toBe(404);
    await expectSameNotFound(hooked.vault, 'POST', path(mine.tenant, mine.hook, attempt?.id ?? 0), none);
    await expectSameNotFound(hooked.vault, 'POST', path(mine.tenant, other.hook, attempt?.id ?? 0), none);
    const log = ({ slug }: HookedTenant, id: number) => `/tenants/${slug}/webhooks/${id}/deliveries`;
    await expectSameNotFound(
      hooked.vault,
      'GET',
      log(mine.tenant, other.hook.id),
      log(mine.tenant, 999_999_999),
    );
    other.hook.heard();
    await hooked.send();
    expect(other.hook.heard()).toEqual([]);
  });
});

/** A batch that nothing is about any more. */
const batchOf = ({ id }: Hook, last_seq: number) => {
  return { webhook_id: id, last_seq, after_seq: last_seq - 1, event_id: `msg_${last_seq}` };
};

// biome-ignore lint/suspicious/noExplicitAny: a test reads what came and asserts on it
function rowsOf(text: string): Promise<{ rows: any[] }> {
  return sql.raw(text).execute(hooked.vault.engine.read);
}
