/** When webhooks are sent, tried again and given up, and what their receivers are told of it. */
import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as prune from '../../src/jobs/prune.ts';
import { WebhookDispatcher } from '../../src/operations/webhooks/send-webhooks.ts';
import type { Engine } from '../../src/storage/engine.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { type Hook, type HookedVault, startHookedVault } from '../support/hooked-vault.ts';
import { testSender } from '../support/webhook-sending.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEPT = { days: 30, deliveries: null };
let hooked: HookedVault;

beforeAll(async () => {
  hooked = await startHookedVault();
});

afterAll(() => hooked.stop());

/** What a test leaves is none of the next one's business. */
afterEach(async () => {
  const { engine } = hooked.vault;
  await engine.write('nothing', (unit) => unit.updateTable('webhooks').set({ enabled: 0 }).execute());
  hooked.receiver.requests.splice(0);
});

const typesOf = (hook: Hook) => hook.heard().map(({ type }) => type);

async function pruneNow(): Promise<void> {
  const { vault } = hooked.vault.jobs;
  await prune.runOnce(vault, KEPT, vault.engine.time(), new AbortController().signal);
}

async function after(ms: number): Promise<void> {
  hooked.vault.advance(ms);
  await hooked.send();
}

describe('an event that is not taken', () => {
  it('is tried ten times, after 5 s, 5 min, 30 min and 2, 5, 10, 14, 20 and 24 h, never sooner, under one id', async () => {
    const tenant = await hooked.tenant();
    const hook = await tenant.hook();
    hook.answers(500);
    await tenant.deliver();
    await hooked.send();
    const ids = hook.heard().map(({ id }) => id);
    const waits = [
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
    ];
    for (const wait of waits) {
      // Probed all the while, it is not sent ahead of its time.
      for (let step = 0; step < 5; step++) await after(wait * 0.178);
      expect(hook.heard(), `before ${wait} ms`).toEqual([]);
      await after(wait * 0.22);
      const [again, ...others] = hook.heard();
      expect(others).toEqual([]);
      ids.push(again?.id ?? `nothing after ${wait} ms`);
    }
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(10);
    await after(2 * DAY);
    expect(hook.heard()).toEqual([]);
  });

  it('is due at once when the receiver takes another one', async () => {
    const tenant = await hooked.tenant();
    const hook = await tenant.hook();
    hook.answers(503);
    const [first] = await tenant.deliver();
    await hooked.send();
    await after(6 * SECOND);
    expect(hook.heard()).toHaveLength(2);
    hook.answers(200);
    await after(MINUTE);
    expect(hook.heard()).toEqual([]);
    const [second] = await tenant.deliver();
    await hooked.send();
    expect(hook.heard().map(({ id }) => id)).toEqual([`msg_${second}`, `msg_${first}`]);
  });
});

describe('a webhook that is switched off because it fails', () => {
  it('after a 410 is told of to all others of its tenant, and goes on where it stopped when it is enabled', async () => {
    const tenant = await hooked.tenant();
    const gone = await tenant.hook();
    const [other, picky] = [
      await tenant.hook({ events: ['*'] }),
      await tenant.hook({ events: ['service.limit_reached'] }),
    ];
    const stranger = await (await hooked.tenant()).hook();
    gone.answers(410);
    await tenant.deliver();
    await hooked.send();
    await hooked.send();
    const told = other.heard();
    expect(told).toMatchObject([
      {
        type: 'webhook.disabled',
        data: {
          tenant: tenant.slug,
          webhook_id: gone.id,
          origin: `http://127.0.0.1:${hooked.receiver.port}`,
          reason: 'the receiver answered 410 Gone',
        },
      },
    ]);
    expect([...picky.heard(), ...stranger.heard()]).toEqual([]);
    expect(await gone.show()).toMatchObject({ enabled: false });
    gone.heard();

    const missed = await tenant.deliver(3);
    await hooked.send();
    expect(gone.heard()).toEqual([]);
    gone.answers(200);
    await gone.change({ enabled: true });
    await after(MINUTE);
    const now = gone.heard();
    expect(now.filter(({ type }) => type === 'key.delivered')).toHaveLength(4);
    for (const id of missed) expect(now.map((message) => message.id)).toContain(`msg_${id}`);
    expect(now.map(({ type }) => type)).not.toContain('webhook.disabled');
  });

  it('for five days is told of with since when, and a clock that jumps makes no five days', async () => {
    const tenant = await hooked.tenant();
    const [failing, other] = [await tenant.hook(), await tenant.hook({ events: ['*'] })];
    failing.answers(500);
    const fail = async () => {
      await tenant.deliver();
      await hooked.send();
    };
    await fail();
    const { failing_since } = await failing.show();
    failing.heard();
    hooked.vault.advance(MINUTE);
    hooked.vault.stepWall(6 * DAY);
    await fail();
    expect(failing.heard().length).toBeGreaterThan(0);
    expect(await failing.show()).toMatchObject({ enabled: true, failing_since });
    hooked.vault.stepWall(-6 * DAY);
    hooked.vault.advance(5 * DAY - 3 * MINUTE);
    await fail();
    expect(await failing.show()).toMatchObject({ enabled: true });
    hooked.vault.advance(10 * MINUTE);
    await fail();
    expect(await failing.show()).toMatchObject({
      enabled: false,
      disabled_reason: 'it failed for five days',
    });
    await hooked.send();
    expect(other.heard()).toMatchObject([{ type: 'webhook.disabled', data: { failing_since } }]);
  });
});

describe('what was removed before a webhook was sent it', () => {
  it('is said in one event for each gap, before what came later, whatever the webhook hears of', async () => {
    const tenant = await hooked.tenant({ max_daily_requests: 3 });
    const hook = await tenant.hook({ events: ['key.delivered', 'service.limit_reached'] });
    await hook.change({ enabled: false });
    const from = new Date(hooked.vault.clock.wall()).toISOString();
    await tenant.deliver(3);
    hooked.vault.advance(31 * DAY);
    await pruneNow();
    await tenant.deliver(2);
    hooked.vault.advance(HOUR);
    await pruneNow();
    await hook.change({ enabled: true });
    const course: string[] = [];
    hook.answers((_request, response) => {
      course.push('asked');
      setTimeout(() => {
        course.push('answered');
        response.writeHead(204).end();
      }, 30);
    });
    await hooked.send();
    expect(course.slice(0, 4)).toEqual(['asked', 'answered', 'asked', 'answered']);
    const messages = hook.heard();
    expect(messages.map(({ type }) => type)).toEqual([
      'webhook.events_lost',
      'webhook.events_lost',
      'key.delivered',
      'key.delivered',
    ]);
    const data = { tenant: tenant.slug, webhook_id: hook.id, from, to: from };
    expect(messages.slice(0, 2).map((message) => message.data)).toEqual(
      expect.arrayContaining([
        { ...data, lost: 'deliveries', count: 3 },
        { ...data, lost: 'events', count: 1 },
      ]),
    );
    await pruneNow();
    await after(MINUTE);
    expect(hook.heard()).toEqual([]);
  });

  it('is said of what was tried in vain, too, once the receiver takes something again', async () => {
    const tenant = await hooked.tenant();
    const hook = await tenant.hook({ events: ['key.delivered'] });
    hook.answers(500);
    await tenant.deliver(2);
    await hooked.send();
    await hook.change({ enabled: false });
    hooked.vault.advance(31 * DAY);
    // The newest delivery of all may stay for longer.
    await (await hooked.tenant()).deliver();
    await pruneNow();
    await hook.change({ enabled: true });
    await hooked.send();
    hook.heard();
    hook.answers(200);
    await tenant.deliver();
    await after(10 * MINUTE);
    const messages = hook.heard();
    expect(messages.map(({ type }) => type)).toEqual(['webhook.events_lost', 'key.delivered']);
    expect(messages[0]?.data).toMatchObject({ lost: 'deliveries', count: 2 });
  });

  it('is said to nobody who was sent everything', async () => {
    const tenant = await hooked.tenant({ max_daily_requests: 2 });
    const hook = await tenant.hook();
    await tenant.deliver(2);
    await hooked.send();
    expect(hook.heard()).toHaveLength(3);
    hooked.vault.advance(31 * DAY);
    await pruneNow();
    await hooked.send();
    expect(hook.heard()).toEqual([]);
  });
});

describe('a webhook with batches', () => {
  const idsOf = ({ data }: { data: { deliveries: { delivery_id: string }[] } }) =>
    data.deliveries.map(({ delivery_id }) => delivery_id);

  it('is sent the deliveries of a second as one message, and other events one by one', async () => {
    const tenant = await hooked.tenant({ max_daily_requests: 20 });
    const hook = await tenant.hook({ batch: true, events: ['key.delivered', 'service.limit_reached'] });
    const delivered = await tenant.deliver(20);
    await hooked.send();
    expect(typesOf(hook)).toEqual(['service.limit_reached']);
    await after(SECOND);
    const [batch, ...others] = hook.heard();
    expect(others).toEqual([]);
    expect(batch?.type).toBe('key.delivered');
    expect(idsOf(batch as never).toSorted()).toEqual(delivered.toSorted());
    expect(batch?.data.deliveries[0]).toMatchObject({
      tenant: tenant.slug,
      service: 'openai',
      masked: false,
    });
    await after(SECOND);
    expect(hook.heard()).toEqual([]);
  });

  it('does not wait for the second where a thousand are there', async () => {
    const tenant = await hooked.tenant();
    const hook = await tenant.hook({ batch: true, events: ['key.delivered'] });
    for (let round = 0; round < 11; round++) await tenant.deliver(100);
    await hooked.send();
    const [batch, ...others] = hook.heard();
    expect(others).toEqual([]);
    expect(idsOf(batch as never)).toHaveLength(1_000);
    await after(SECOND);
    expect(idsOf(hook.heard()[0] as never)).toHaveLength(100);
  });

  it('is sent the same deliveries under the same id until it takes them, however many there are meanwhile', async () => {
    const tenant = await hooked.tenant();
    const hook = await tenant.hook({ batch: true, events: ['key.delivered'] });
    hook.answers(500);
    const first = await tenant.deliver(3);
    await after(SECOND);
    const second = await tenant.deliver(2);
    await after(6 * SECOND);
    hook.answers(200);
    await after(10 * MINUTE);
    const messages = hook.heard();
    const byId = new Map(messages.map((message) => [message.id, idsOf(message as never)]));
    expect(messages.length).toBeGreaterThan(3);
    expect([...byId.values()].map((ids) => ids.toSorted())).toEqual([first.toSorted(), second.toSorted()]);
    for (const message of messages) expect(idsOf(message as never)).toEqual(byId.get(message.id));
  });

  it('is sent the same batch again where the vault died between sending and recording it', async () => {
    const tenant = await hooked.tenant();
    const hook = await tenant.hook({ batch: true, events: ['key.delivered'] });
    await tenant.deliver(3);
    hooked.vault.advance(SECOND);
    const { dispatcher } = hooked.vault.jobs;
    await dispatcher.start(dyingAfter(1));
    await vi.waitFor(() => expect(hooked.receiver.requests.length).toBeGreaterThan(0));
    await tenant.deliver(4);
    await hook.change({ batch: false });
    await after(SECOND);
    const messages = hook.heard();
    expect(messages[1]).toEqual(messages[0]);
    expect(idsOf(messages[0] as never)).toHaveLength(3);
    expect(messages.slice(2).map(({ data }) => data.delivery_id)).toHaveLength(4);
  });
});

/** The engine of a vault that dies when it has written so many units. */
function dyingAfter(units: number): Engine {
  const { engine } = hooked.vault;
  let left = units;
  return new Proxy(engine, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'write') return value.bind(target);
      return (...args: Parameters<Engine['write']>) =>
        left-- > 0 ? target.write(...args) : Promise.reject(new Error('it died'));
    },
  });
}

describe('a tenant with many webhooks', () => {
  const events: ['key.delivered'] = ['key.delivered'];
  /** Answers wait here until somebody gives them. */
  const held: (() => void)[] = [];
  const hold: RequestListener = (_request, response) => {
    held.push(() => response.writeHead(204).end());
  };

  it('has eight of them sent to at once, each in its turn, and none that is deleted before its own', async () => {
    const [busy, other] = [await hooked.tenant(), await hooked.tenant()];
    const hooks = await Promise.all(Array.from({ length: 20 }, () => busy.hook({ events })));
    for (const hook of hooks) hook.answers(hold);
    const otherHook = await other.hook({ events });
    await Promise.all([busy.deliver(), other.deliver()]);
    const sender = testSender();
    const context = { ...hooked.vault.jobs.vault, sender, random: () => 0.5, pace: async () => {} };
    const observer = { attempted() {}, failed() {} };
    const all = new WebhookDispatcher({ ...context, observer }, HOUR).runOnce();
    await vi.waitFor(() => expect(otherHook.heard()).toHaveLength(1), 5_000);
    await vi.waitFor(() => expect(held).toHaveLength(8), 5_000);
    const last = hooks.toSorted((a, b) => a.id - b.id).at(-1) as Hook;
    await hooked.vault.admin('DELETE', `/tenants/${busy.slug}/webhooks/${last.id}`);
    for (let answered = 0; answered < 19; answered++) {
      await vi.waitFor(() => expect(held).toHaveLength(Math.min(8, 19 - answered)), 5_000);
      held.shift()?.();
    }
    await all;
    await sender.close();
    for (const hook of hooks) expect(hook.heard()).toHaveLength(hook === last ? 0 : 1);
  });

  it('has none held up for long by those that do not answer', async () => {
    const tenant = await hooked.tenant();
    const silent = await Promise.all(Array.from({ length: 8 }, () => tenant.hook({ events })));
    for (const hook of silent) hook.answers(hold);
    const good = await tenant.hook({ events });
    await tenant.deliver();
    const all = hooked.send();
    await vi.waitFor(() => expect(good.heard()).toHaveLength(1), 8_000);
    expect(held).toHaveLength(8);
    for (const answer of held.splice(0)) answer();
    await all;
  });
});

it('one that is dead and one that takes ten seconds delay nobody, though they are at one address', async () => {
  const [dead, slow, good] = [await hooked.tenant(), await hooked.tenant(), await hooked.tenant()];
  const deadHook = await dead.hook();
  const slowHook = await slow.hook();
  const goodHook = await good.hook();
  deadHook.answers((request) => void request.socket.destroy());
  let held = 0;
  slowHook.answers((_request, response) => {
    held++;
    setTimeout(() => response.writeHead(204).end(), 10 * SECOND).unref();
  });
  await Promise.all([dead.deliver(40), slow.deliver(40)]);
  const { dispatcher } = hooked.vault.jobs;
  await dispatcher.start(hooked.vault.engine);
  await vi.waitFor(() => expect(held).toBe(4));
  const began = performance.now();
  await good.deliver(40);
  await dispatcher.start(hooked.vault.engine);
  let heard = 0;
  await vi.waitFor(() => {
    heard += goodHook.heard().length;
    expect(heard).toBeGreaterThanOrEqual(40);
  }, 5_000);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(held).toBe(4);
});

it('leaves through the proxy that the operator has named, and says where that fails', async () => {
  const proxy = await startConnectProxy(null);
  const behind = await startHookedVault({ KEYROTATOR_WEBHOOK_PROXY: `http://127.0.0.1:${proxy.port}` });
  const tenant = await behind.tenant();
  const direct = await tenant.hook({ events: ['key.delivered'] });
  const { id } = await tenant.hook({ events: ['key.delivered'], url: 'https://8.8.8.8/hook' });
  await tenant.deliver();
  await behind.send();
  expect(proxy.asked.map(({ authority }) => authority)).toEqual(['8.8.8.8:443']);
  expect(direct.heard()).toHaveLength(1);
  const log = await behind.vault.admin('GET', `/tenants/${tenant.slug}/webhooks/${id}/deliveries`);
  expect(log.body.data).toMatchObject([{ status: null, error: 'proxy_failed' }]);
  await behind.stop();
  await proxy.close();
});
