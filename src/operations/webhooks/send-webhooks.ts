/**
 * Sends what endpoints have yet to be told: at least once each, in windows, one window at a time per endpoint, every
 * endpoint on its own; those of one tenant take turns, so that it leaves room for others however many it has. What was sent
 * is recorded after it was sent; whoever dies between sends it again under the same id.
 *
 * An endpoint that takes nothing is paused, and sent little between: what is due again, or one event that is new. So it costs
 * little, and nothing piles up but in the outbox; when it takes something again, everything that it missed is due at once.
 */
import type { EventType } from '../../domain/event-type.ts';
import { retryDelay } from '../../events/backoff.ts';
import { eventBody } from '../../events/catalogue.ts';
import type { Engine } from '../../storage/engine.ts';
import type { WebhookRow } from '../../storage/rows.ts';
import { addAttempts, trimAttempts } from '../../storage/tables/webhook-attempts.ts';
import { listLosers } from '../../storage/tables/webhook-losses.ts';
import * as queue from '../../storage/tables/webhook-queue.ts';
import { findWebhook, updateWebhook } from '../../storage/tables/webhooks.ts';
import { validSecrets, type WebhookSecrets } from '../../webhooks/secrets.ts';
import type { SendResult, WebhookSender } from '../../webhooks/send.ts';
import type { Vault } from '../vault/vault.ts';
import { disableFailingWebhook } from './disable-failing-webhook.ts';
import { tellLosses } from './tell-losses.ts';
import { Turns } from './turns.ts';
import { loggable, logRow, type Sent, withoutSecrets } from './webhook-log.ts';
import { openSecrets } from './webhook-secrets.ts';
import { nextWindow, WINDOW, type Window } from './webhook-window.ts';

/** Attempts that run at once at one endpoint; the sender lets those of different endpoints wait for none. */
const AT_ONCE = 4;
/** Endpoints of one tenant that are served at once. */
const SERVED_AT_ONCE = 8;
const LONGEST_TURN_MS = 1_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
const GIVE_UP_AFTER_MS = 5 * 86_400_000;
/** A cursor over deliveries of others is moved on once it has passed this many. */
const MOVE_CURSOR_AFTER = 1_000;
/** The log of an endpoint is cut to what is kept once so many attempts were added to it. */
const TRIM_AFTER = 100;

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

export class WebhookDispatcher {
  readonly #context: WebhookContext;
  readonly #running = new Map<number, Promise<void>>();
  /** By tenant. */
  readonly #turns: Turns;
  /** By endpoint: how many attempts were logged since its log was cut. */
  readonly #untrimmed = new Map<number, number>();
  #stopping = false;

  /** `longestTurnMs` is how long one endpoint may keep others of its tenant waiting. */
  constructor(context: WebhookContext, longestTurnMs = LONGEST_TURN_MS) {
    this.#context = context;
    this.#turns = new Turns(SERVED_AT_ONCE, longestTurnMs);
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
    const webhooks = await queue.listSendable(engine.read, engine.time().settled);
    const losers = await listLosers(engine.read);
    for (const webhook of webhooks) {
      if (this.#stopping || this.#running.has(webhook.id)) continue;
      const running = this.#serve(engine, webhook, losers.has(webhook.id))
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

  async #serve(engine: Engine, first: WebhookRow, hasLost: boolean): Promise<void> {
    let toTell = hasLost && first.failures === 0;
    let webhook: WebhookRow | undefined = first;
    while (webhook !== undefined && !this.#stopping) {
      const { id, tenant_id }: WebhookRow = webhook;
      webhook = await this.#turns.run(tenant_id, async (waited) => {
        if (this.#stopping) return undefined;
        // It may have been changed while others were served.
        const current: WebhookRow | undefined = waited
          ? await findWebhook(engine.read, tenant_id, id)
          : webhook;
        if (current === undefined || current.enabled === 0) return undefined;
        if (toTell) await tellLosses(engine, current);
        toTell = false;
        return this.#serveWindow(engine, current, hasLost);
      });
    }
  }

  /** Sends a window and records it; returns the endpoint as it is then, or undefined where there is nothing more to send for the moment. */
  async #serveWindow(engine: Engine, webhook: WebhookRow, hasLost: boolean): Promise<WebhookRow | undefined> {
    const window = await nextWindow(engine, webhook);
    if (window.events.length === 0) {
      await this.#moveCursor(engine, webhook, window);
      return undefined;
    }
    const secrets = await openSecrets(this.#context, engine.read, webhook);
    const sent = await this.#sendAll(webhook, secrets, window.events);
    // What was sent of a window that was broken off is sent again after the next start.
    if (sent.length < window.events.length) return undefined;
    const next = await this.#record(engine, webhook, window, sent);
    if (webhook.failures > 0 && hasLost && next !== undefined) await tellLosses(engine, next);
    if (next !== undefined) await this.#context.pace();
    return next;
  }

  /** Sends a few at once, and gives what became of them in the order of the events: of fewer than all where it has to stop. */
  async #sendAll(
    webhook: WebhookRow,
    secrets: WebhookSecrets,
    events: readonly queue.Pending[],
  ): Promise<Sent[]> {
    const sent: Sent[] = [];
    let next = 0;
    const lane = async () => {
      while (next < events.length && !this.#stopping) {
        const at = next++;
        sent[at] = await this.#send(webhook, secrets, events[at] as queue.Pending);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return sent;
  }

  async #send(webhook: WebhookRow, secrets: WebhookSecrets, event: queue.Pending): Promise<Sent> {
    const { sender, engine, observer } = this.#context;
    const { now } = engine.time();
    const valid = validSecrets(secrets, now);
    const result = await sender.send({
      url: webhook.url,
      id: event.event_id,
      timestamp: Math.floor(now / 1000),
      body: eventBody(event.type as EventType, event.at, event.data),
      secrets: valid,
    });
    observer.attempted(webhook.id, result);
    const { answer } = result;
    return {
      event,
      at: now,
      result: answer === null ? result : { ...result, answer: withoutSecrets(answer, valid) },
    };
  }

  /** Records a window; returns the endpoint as it is now, or undefined where there is nothing more to send for the moment. */
  async #record(
    engine: Engine,
    webhook: WebhookRow,
    window: Window,
    sent: readonly Sent[],
  ): Promise<WebhookRow | undefined> {
    const { random } = this.#context;
    const { now, settled } = engine.time();
    const attempted = sent
      .map(({ event, result }) => afterAttempt(event, result, settled, random()))
      .filter((attempt) => attempt !== null);
    const anyTaken = sent.some(({ result }) => result.ok);
    const gone = sent.some(({ result }) => !result.ok && result.gone);
    const reason = gone
      ? 'the receiver answered 410 Gone'
      : !anyTaken && settled - (webhook.failing_since ?? settled) >= GIVE_UP_AFTER_MS
        ? 'it failed for five days'
        : null;
    const log = loggable(sent, sent.length >= WINDOW).map((each) => logRow(webhook.id, each));
    const trim = this.#isToTrim(webhook.id, log.length);
    return engine.write(reason === null ? 'nothing' : { tenantId: webhook.tenant_id }, async (unit) => {
      const found = await unit
        .selectFrom('webhooks')
        .selectAll()
        .where('id', '=', webhook.id)
        .executeTakeFirst();
      if (found === undefined) return undefined;
      await addAttempts(unit, log);
      await queue.recordAttempts(unit, webhook.id, attempted);
      const recovered = anyTaken && webhook.failures > 0;
      if (recovered) await queue.hastenRetries(unit, webhook.id, settled);
      const changes = {
        outbox_cursor: Math.max(found.outbox_cursor, window.outboxCursor),
        delivery_cursor: Math.max(found.delivery_cursor, window.deliveryCursor),
        ...health(found, anyTaken, settled),
      };
      await updateWebhook(unit, webhook.id, changes);
      if (trim) await trimAttempts(unit, webhook.id);
      if (found.enabled === 1 && reason !== null) {
        await disableFailingWebhook(unit, { ...found, ...changes }, reason, now);
        return undefined;
      }
      return anyTaken && found.enabled === 1 ? { ...found, ...changes } : undefined;
    });
  }

  /** Whether the log of the endpoint, to which so many are added, is to be cut to what is kept: now and then. */
  #isToTrim(webhookId: number, added: number): boolean {
    const untrimmed = (this.#untrimmed.get(webhookId) ?? TRIM_AFTER) + added;
    this.#untrimmed.set(webhookId, untrimmed >= TRIM_AFTER ? 0 : untrimmed);
    return untrimmed >= TRIM_AFTER;
  }

  async #moveCursor(engine: Engine, webhook: WebhookRow, window: Window): Promise<void> {
    const skipped = window.outboxCursor > webhook.outbox_cursor;
    const passed = window.deliveryCursor - webhook.delivery_cursor;
    if (!skipped && passed < MOVE_CURSOR_AFTER) return;
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
 * What is to be recorded of an attempt; null where the first one was taken, which the cursor says. What is not taken is due
 * again by the schedule, which, as all waiting, goes by a time that no clock moves that is set ahead.
 */
function afterAttempt(
  { source, seq, attempts, queued }: queue.Pending,
  result: SendResult,
  settled: number,
  jitter: number,
): queue.Attempted | null {
  if (result.ok) return queued ? { source, seq, attempts, retryAt: null } : null;
  const delay = retryDelay(attempts + 1, jitter);
  return { source, seq, attempts: attempts + 1, retryAt: delay === null ? null : settled + delay };
}

function health(
  found: WebhookRow,
  anyTaken: boolean,
  settled: number,
): Pick<WebhookRow, 'failures' | 'failing_since' | 'paused_until'> {
  if (anyTaken) return { failures: 0, failing_since: null, paused_until: null };
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(found.failures, 10), LONGEST_PAUSE_MS);
  return {
    failures: found.failures + 1,
    failing_since: found.failing_since ?? settled,
    paused_until: settled + pause,
  };
}
