/** Who acts in the chaos test: the callers with all that they were answered, and the administrator. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Slot } from './chaos-replicas.ts';
import type { Random } from './random.ts';
import { getKey, RawConnection } from './raw-http.ts';
import type { Body } from './start-vault.ts';

/** A client that hears nothing for that long has been forgotten. */
const FORGOTTEN_MS = 60_000;
const SERVED_WITHIN_MS = 1_000;
const ADMIN_MS = 60_000;

/** What an administrator switches on and off. `moving`: nobody knows, for a change is under way. */
export class Switch {
  state: 'on' | 'off' | 'moving' = 'on';
  since = 0;

  move(state: 'on' | 'off' | 'moving'): void {
    this.state = state;
    this.since = performance.now();
  }

  /** Whether it was in this state from `at` until now. */
  wasSince(state: 'on' | 'off', at: number): boolean {
    return this.state === state && this.since <= at;
  }
}

/** What a caller asks for, and what may come of it. */
export interface Errand {
  readonly service: string;
  readonly token: string;
  /** Refusals that are in order, as `429 app daily limit reached`. */
  readonly refusals?: readonly string[];
  /** While it is off nothing is delivered, and after it has been on for a second nothing is refused with one of `refusals`. */
  readonly switch?: Switch;
  /** Of one key alone: while it is off the key is not delivered. */
  readonly key?: { readonly id: number; readonly switch: Switch };
}

export interface Received {
  readonly delivery_id: string;
  readonly key_id: number;
  readonly usage_today: number;
  readonly key_usage_today: number;
  readonly key_label: string;
}

/** What became of a caller's requests that may have been charged, in their order; null: it was never told. */
export type Outcome = Received | null;

export interface Caller {
  readonly address: string;
  readonly outcomes: Outcome[];
}

/** What all callers have in common. */
export interface Scene {
  readonly slots: readonly Slot[];
  readonly random: Random;
  readonly violations: string[];
  readonly counts: Map<string, number>;
  slowest: number;
  /** When the last delivery was received. */
  lastReceivedAt: number;
  stopped: boolean;
}

/** Calls until the scene is stopped, now at this replica, now at that, as a client behind a load balancer. */
export async function runCaller(scene: Scene, caller: Caller, errand: () => Errand | null): Promise<void> {
  const { random, slots } = scene;
  let connection: RawConnection | null = null;
  let slot = slots[0] as Slot;
  while (!scene.stopped) {
    if (connection !== null && random.next() < 0.02) {
      connection.destroy();
      connection = null;
    }
    if (connection === null) {
      slot = random.pick(slots);
      connection = slot.url === null ? null : await RawConnection.open(slot.url).catch(() => null);
      if (connection === null) {
        await sleep(20);
        continue;
      }
    }
    const asked = errand();
    if (asked !== null && !(await ask(scene, caller, asked, slot, connection))) {
      connection.destroy();
      connection = null;
    }
    await sleep(random.between(2, 20));
  }
  connection?.destroy();
}

/** Resolves with whether the connection can be used again. */
async function ask(
  scene: Scene,
  caller: Caller,
  errand: Errand,
  slot: Slot,
  connection: RawConnection,
): Promise<boolean> {
  const from = performance.now();
  const forgotten = setTimeout(() => {
    scene.violations.push(`a request was not answered for ${FORGOTTEN_MS} ms`);
    connection.destroy();
  }, FORGOTTEN_MS);
  try {
    connection.send(getKey(errand.service, errand.token, { 'X-Forwarded-For': caller.address }));
    const response = await connection.receive();
    scene.slowest = Math.max(scene.slowest, slot.awake(from, performance.now()));
    const outcome = response.status === 200 ? '200' : `${response.status} ${response.body?.error}`;
    count(scene, outcome);
    if (response.status === 200) receive(scene, caller, errand, from, response.body);
    else if (outcome === '503 storage unavailable') caller.outcomes.push(null);
    else judgeRefusal(scene, errand, from, outcome);
    return response.field('connection') !== 'close';
  } catch {
    count(scene, 'connection lost');
    caller.outcomes.push(null);
    return false;
  } finally {
    clearTimeout(forgotten);
  }
}

function count({ counts }: Scene, outcome: string): void {
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
}

function receive(scene: Scene, caller: Caller, errand: Errand, from: number, body: Body): void {
  const { delivery_id, key_id, usage_today, key_usage_today } = body.meta;
  caller.outcomes.push({ delivery_id, key_id, usage_today, key_usage_today, key_label: body.key_label });
  scene.lastReceivedAt = performance.now();
  if (body.key !== keyOf(body.key_label))
    scene.violations.push(`${body.key_label} was delivered with another key`);
  if (errand.switch?.wasSince('off', from)) {
    scene.violations.push(`${errand.service}: ${delivery_id} was delivered although it had been taken back`);
  }
  if (errand.key?.id === key_id && errand.key?.switch.wasSince('off', from)) {
    scene.violations.push(`${errand.service}: ${delivery_id} brought a key that had been disabled`);
  }
}

function judgeRefusal(scene: Scene, errand: Errand, from: number, outcome: string): void {
  const allowed = errand.refusals?.includes(outcome) === true;
  const on = errand.switch?.wasSince('on', from - SERVED_WITHIN_MS) === true;
  if (!allowed || on) scene.violations.push(`${errand.service}: ${outcome}`);
}

/** An administrator who asks one replica after another until a change is made. */
export class Administrator {
  readonly #scene: Scene;
  readonly #random: Random;
  changes = 0;
  failures = 0;

  constructor(scene: Scene, random: Random) {
    this.#scene = scene;
    this.#random = random;
  }

  /** The body of the answer; null where it was none of success. Nobody knows then whether the change was made. */
  async try(method: string, path: string, body?: object): Promise<Body | null> {
    const { url, rootToken } = this.#random.pick(this.#scene.slots);
    if (url === null) return null;
    try {
      const response = await fetch(`${url}/admin/v1/tenants${path}`, {
        method,
        headers: { authorization: `Bearer ${rootToken}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(ADMIN_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.ok) {
        this.changes++;
        return text === '' ? {} : JSON.parse(text);
      }
      if (response.status !== 503)
        this.#scene.violations.push(`${method} ${path}: ${response.status} ${text}`);
    } catch {
      // The connection was lost.
    }
    this.failures++;
    return null;
  }

  async insist(method: string, path: string, body?: () => object): Promise<Body> {
    const from = performance.now();
    while (performance.now() - from < ADMIN_MS) {
      const answer = await this.try(method, path, body?.());
      if (answer !== null) return answer;
      await sleep(100);
    }
    throw new Error(`${method} ${path} did not succeed within ${ADMIN_MS} ms`);
  }

  /** Takes something back, and gives it back after a while. */
  async offAndOn(
    of: Switch,
    off: readonly [string, string, object?],
    on: readonly [string, string, object?],
  ): Promise<void> {
    of.move('moving');
    await this.insist(off[0], off[1], () => off[2] ?? {});
    of.move('off');
    await sleep(this.#random.between(200, 1_500));
    of.move('moving');
    await this.insist(on[0], on[1], () => on[2] ?? {});
    of.move('on');
  }

  /** Adds a key, and perhaps others whose answers were lost; resolves to the id of the one that was answered. */
  async addKey(service: string, more: object = {}): Promise<number> {
    const newKey = () => {
      const label = crypto.randomUUID();
      return { label, key: keyOf(label), ...more };
    };
    return (await this.insist('POST', `/${service}/keys`, newKey)).id;
  }
}

/** Each key can be told by its label. */
function keyOf(label: string): string {
  return `sk-of-${label}`;
}
