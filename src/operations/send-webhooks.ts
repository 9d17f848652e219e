/**
 * Sends what endpoints have yet to be told: at least once each, in windows, one window at a time per endpoint, every
 * endpoint on its own. What was sent is recorded after it was sent; whoever dies between sends it again under the same id.
 *
 * An endpoint that takes nothing is paused and probed, so that it costs little and nothing piles up but in the outbox;
 * when it takes something again, everything that it missed is due at once.
 */
import { SYSTEM_ORIGIN } from '../audit/entry.ts';
import type { EventType } from '../domain/event-type.ts';
import { retryDelay } from '../events/backoff.ts';
import { eventBody, isFor } from '../events/catalogue.ts';
import type { Engine } from '../storage/engine.ts';
import type { Transaction, WebhookRow } from '../storage/rows.ts';
import { addAuditEntry } from '../storage/tables/audit-entries.ts';
import * as queue from '../storage/tables/webhook-queue.ts';
import { validSecrets, type WebhookSecrets } from '../webhooks/secrets.ts';
import type { SendResult, WebhookSender } from '../webhooks/send.ts';
import type { Vault } from './vault.ts';
import { openSecrets } from './webhook-secrets.ts';

/** Attempts that run at once at one endpoint: as many as the sender has connections to an origin. */
const AT_ONCE = 4;
const WINDOW = 32;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
const GIVE_UP_AFTER_MS = 5 * 86_400_000;
/** A cursor over deliveries of others is moved on once it has passed this many. */
const MOVE_CURSOR_AFTER = 1_000;

export interface WebhookContext extends Vault {
  readonly sender: WebhookSender;
  /** 0 up to 1. */
  random(): number;
  /** Resolves when the next window may go out: deliveries come before webhooks. */
  pace(): Promise<void>;
  readonly observer: WebhookObserver;
}

export interface WebhookObserver {
  attempted(webhookId: number, result: SendResult): void;
  failed(webhookId: number, error: Error): void;
}

interface Window {
  readonly events: readonly queue.Pending[];
  readonly outboxCursor: number;
  readonly deliveryCursor: number;
}

export class WebhookDispatcher {
  readonly #context: WebhookContext;
  readonly #running = new Map<number, Promise<void>>();
  #stopping = false;

  constructor(context: WebhookContext) {
    this.#context = context;
  }

  /** Sends until no endpoint has anything that is due. */
  async runOnce(): Promise<void> {
    await this.start(this.#context.engine);
    await Promise.all(this.#running.values());
  }

  /**
   * Starts sending to every endpoint that is not being sent to already, and waits for none: a slow one holds up nobody
   * else. `engine` is the leader's: what was sent is recorded in its term, or not at all.
   */
  async start(engine: Engine): Promise<void> {
    const { observer } = this.#context;
    const webhooks = await queue.listSendable(engine.read, engine.time().now);
    for (const webhook of webhooks) {
      if (this.#stopping || this.#running.has(webhook.id)) continue;
      const running = this.#serve(engine, webhook)
        .catch((error: Error) => observer.failed(webhook.id, error))
        .finally(() => this.#running.delete(webhook.id));
      this.#running.set(webhook.id, running);
    }
  }

  /** Starts no further attempt and waits for those under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running.values());
  }

  async #serve(engine: Engine, first: WebhookRow): Promise<void> {
    let webhook: WebhookRow | undefined = first;
    while (webhook !== undefined && !this.#stopping) {
      const window = await this.#nextWindow(engine, webhook);
      if (window.events.length === 0) return this.#moveCursor(engine, webhook, window);
      const secrets = await openSecrets(this.#context, engine.read, webhook);
      const results = await this.#sendAll(webhook, secrets, window.events);
      // What was sent of a window that was broken off is sent again after the next start.
      if (results.length < window.events.length) return;
      webhook = await this.#record(engine, webhook, window, results);
      await this.#context.pace();
    }
  }

  async #nextWindow(engine: Engine, webhook: WebhookRow): Promise<Window> {
    const { now } = engine.time();
    const failing = webhook.failures > 0;
    const retries = await queue.dueRetries(engine.read, webhook, now, WINDOW, failing);
    const room = failing ? (retries.length > 0 ? 0 : 1) : WINDOW - retries.length;
    const { outbox_cursor: outboxCursor, delivery_cursor: deliveryCursor } = webhook;
    if (room <= 0) return { events: retries, outboxCursor, deliveryCursor };

    const events = JSON.parse(webhook.events) as string[];
    const outbox = await queue.freshOutbox(engine.read, webhook, room);
    const wanted = outbox.filter((event) => isFor(webhook.id, events, event));
    const left = room - wanted.length;
    const deliveries =
      events.includes('key.delivered') && left > 0
        ? await queue.freshDeliveries(engine.read, webhook, left, await engine.lastSeq(webhook.tenant_id))
        : { pending: [], scannedTo: deliveryCursor };
    return {
      events: [...retries, ...wanted, ...deliveries.pending],
      outboxCursor: outbox.at(-1)?.seq ?? outboxCursor,
      deliveryCursor: deliveries.scannedTo,
    };
  }

  /** Sends a few at once, and gives the results in the order of the events: of fewer than all where it has to stop. */
  async #sendAll(
    webhook: WebhookRow,
    secrets: WebhookSecrets,
    events: readonly queue.Pending[],
  ): Promise<SendResult[]> {
    const results: SendResult[] = [];
    let next = 0;
    const lane = async () => {
      while (next < events.length && !this.#stopping) {
        const at = next++;
        results[at] = await this.#send(webhook, secrets, events[at] as queue.Pending);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return results;
  }

  async #send(webhook: WebhookRow, secrets: WebhookSecrets, event: queue.Pending): Promise<SendResult> {
    const { sender, engine, observer } = this.#context;
    const { now } = engine.time();
    const result = await sender.send({
      url: webhook.url,
      id: event.event_id,
      timestamp: Math.floor(now / 1000),
      body: eventBody(event.type as EventType, event.at, event.data),
      secrets: validSecrets(secrets, now),
    });
    observer.attempted(webhook.id, result);
    return result;
  }

  /** Records a window; returns the endpoint as it is now, or undefined where there is nothing more to send for the moment. */
  #record(
    engine: Engine,
    webhook: WebhookRow,
    window: Window,
    results: readonly SendResult[],
  ): Promise<WebhookRow | undefined> {
    const { random } = this.#context;
    const { now } = engine.time();
    const attempted = window.events
      .map((event, at) => afterAttempt(event, results[at], now, random()))
      .filter((attempt) => attempt !== null);
    const anyTaken = results.some(({ ok }) => ok);
    const gone = results.some((result) => !result.ok && result.gone);
    return engine.write('nothing', async (unit) => {
      const found = await unit
        .selectFrom('webhooks')
        .selectAll()
        .where('id', '=', webhook.id)
        .executeTakeFirst();
      if (found === undefined) return undefined;
      await queue.recordAttempts(unit, webhook.id, attempted);
      const recovered = anyTaken && webhook.failures > 0;
      if (recovered) await queue.hastenRetries(unit, webhook.id, now);
      const changes = {
        outbox_cursor: Math.max(found.outbox_cursor, window.outboxCursor),
        delivery_cursor: Math.max(found.delivery_cursor, window.deliveryCursor),
        ...health(found, anyTaken, now),
      };
      await unit.updateTable('webhooks').set(changes).where('id', '=', webhook.id).execute();
      const failingFor = changes.failing_since === null ? 0 : now - changes.failing_since;
      if (found.enabled === 1 && (gone || failingFor >= GIVE_UP_AFTER_MS)) {
        await disable(unit, found, gone ? 'the receiver answered 410 Gone' : 'it failed for five days', now);
        return undefined;
      }
      return anyTaken && found.enabled === 1 ? { ...found, ...changes } : undefined;
    });
  }

  async #moveCursor(engine: Engine, webhook: WebhookRow, window: Window): Promise<void> {
    const skipped = window.outboxCursor > webhook.outbox_cursor;
    if (!skipped && window.deliveryCursor - webhook.delivery_cursor < MOVE_CURSOR_AFTER) return;
    await engine.write('nothing', async (unit) => {
      await unit
        .updateTable('webhooks')
        .set({ outbox_cursor: window.outboxCursor, delivery_cursor: window.deliveryCursor })
        .where('id', '=', webhook.id)
        .where('delivery_cursor', '<=', window.deliveryCursor)
        .execute();
    });
  }
}

/**
 * What is to be recorded of an attempt; null where the first one was taken, which the cursor says. An attempt counts where
 * it was due; a probe before that does not use up the event's schedule.
 */
function afterAttempt(
  event: queue.Pending,
  result: SendResult | undefined,
  now: number,
  jitter: number,
): queue.Attempted | null {
  const { source, seq } = event;
  if (result?.ok)
    return event.attempts === 0 ? null : { source, seq, attempts: event.attempts, retryAt: null };
  if (event.due_at > now) return { source, seq, attempts: event.attempts, retryAt: event.due_at };
  const attempts = event.attempts + 1;
  const delay = retryDelay(attempts, jitter);
  return { source, seq, attempts, retryAt: delay === null ? null : now + delay };
}

function health(
  found: WebhookRow,
  anyTaken: boolean,
  now: number,
): Pick<WebhookRow, 'failures' | 'failing_since' | 'paused_until'> {
  if (anyTaken) return { failures: 0, failing_since: null, paused_until: null };
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(found.failures, 10), LONGEST_PAUSE_MS);
  return {
    failures: found.failures + 1,
    failing_since: found.failing_since ?? now,
    paused_until: now + pause,
  };
}

async function disable(unit: Transaction, webhook: WebhookRow, reason: string, now: number): Promise<void> {
  await unit
    .updateTable('webhooks')
    .set({ enabled: 0, disabled_reason: reason, updated_at: now })
    .where('id', '=', webhook.id)
    .execute();
  await addAuditEntry(unit, {
    at: now,
    tenant_id: webhook.tenant_id,
    type: 'webhook.disabled',
    origin: SYSTEM_ORIGIN,
    target: `webhook:${webhook.id}`,
    reason,
  });
}
