import { type AddressGuard, BlockedAddress } from './address-guard.ts';
import { createAgent } from './connections.ts';
import { startDeadline } from './deadline.ts';
import { readStart } from './read-start.ts';
import { type SendError, sendError } from './send-failure.ts';
import { signatures } from './sign.ts';

export interface SenderOptions {
  guard: AddressGuard;
  /** KeyRotator's own, for `User-Agent`. */
  version: string;
  /** For a whole attempt: name, connection, waiting for one, headers and body. */
  timeoutMs?: number;
  maxResponseBytes?: number;
  /** More attempts than this at one origin wait for each other; without it none does. */
  connectionsPerOrigin?: number | null;
  /** An http or https URL, the way out for all but listed addresses; null, or without it, there is no proxy. */
  proxy?: string | null;
}

export interface Message {
  url: string;
  id: string;
  /** Of this attempt, in seconds since the epoch. */
  timestamp: number;
  body: string;
  /** All of them sign. */
  secrets: readonly string[];
}

/** `answer` is the start of what the receiver said, as text; `gone` is its 410: it wants nothing more. */
export type SendResult =
  | { ok: true; status: number; latencyMs: number; answer: string }
  | {
      ok: false;
      status: number | null;
      error: SendError;
      latencyMs: number;
      gone: boolean;
      answer: string | null;
    };

export interface WebhookSender {
  send(message: Message): Promise<SendResult>;
  /** Lets running attempts end, each within its time, and shuts all connections. A later send fails as `closed`. */
  close(): Promise<void>;
}

/**
 * Sends webhooks (Standard Webhooks) to permitted addresses only, over connections that follow no redirect. `send` resolves whatever the receiver or the network does, within `timeoutMs`, having read no more than
 * about `maxResponseBytes`. The status decides, and nothing in the body does: 2xx is delivered even where the body
 * then breaks off or never ends, since the receiver has accepted. Rejects only for a message that cannot be signed.
 */
export function createWebhookSender(options: SenderOptions): WebhookSender {
  const {
    guard,
    version,
    timeoutMs = 10_000,
    maxResponseBytes = 64 * 1024,
    connectionsPerOrigin = null,
    proxy = null,
  } = options;
  const agent = createAgent(guard, { timeoutMs, connectionsPerOrigin, proxy });
  const running = new Set<Promise<SendResult>>();
  let closed = false;

  async function attempt(message: Message): Promise<SendResult> {
    const startedAt = performance.now();
    const latencyMs = () => Math.round(performance.now() - startedAt);
    const headers = {
      'content-type': 'application/json',
      'user-agent': `KeyRotator/${version}`,
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestamp),
      'webhook-signature': signatures(message.secrets, message.id, message.timestamp, message.body),
    };
    const failed = (error: SendError): SendResult => {
      return { ok: false, status: null, error, latencyMs: latencyMs(), gone: false, answer: null };
    };
    const url = URL.parse(message.url);
    if (url === null) return failed('invalid_url');
    if (closed) return failed('closed');

    const deadline = startDeadline(timeoutMs);
    try {
      guard.check(url);
      const request = { origin: url.origin, path: url.pathname + url.search, method: 'POST' as const };
      const response = await deadline.race(
        agent.request({ ...request, headers, body: message.body, signal: deadline.signal }),
      );
      const answer = await readStart(response.body, maxResponseBytes);
      const status = response.statusCode;
      if (status >= 200 && status <= 299) return { ok: true, status, latencyMs: latencyMs(), answer };
      const gone = status === 410;
      return { ok: false, status, error: 'http_status', latencyMs: latencyMs(), gone, answer };
    } catch (error) {
      const timedOut = deadline.signal.aborted && !(error instanceof BlockedAddress);
      return failed(timedOut ? 'timeout' : sendError(error));
    } finally {
      deadline.clear();
    }
  }

  return {
    async send(message) {
      const result = attempt(message);
      running.add(result);
      return result.finally(() => running.delete(result));
    },
    async close() {
      closed = true;
      await Promise.allSettled(running);
      await agent.destroy();
    },
  };
}
