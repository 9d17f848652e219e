/**
 * `GET /api/next`: a plain handler in front of Express, since every request of a backend passes through it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Address, clientNetwork } from '../../domain/network.ts';
import type { NetworkThrottle } from '../../domain/network-throttle.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { parseTokenKind } from '../../domain/token-format.ts';
import {
  type DeliverKeyContext,
  type DeliveryOutcome,
  deliverKey,
  type RefusedFor,
} from '../../operations/deliver-key.ts';
import { parseDeliveryRequest } from './parse-request.ts';
import { renderDelivered, sendDelivered, sendMethodNotAllowed, sendRefusal } from './render.ts';

/** More than so many failed authentications a minute from one network make its next failing ones a 429. */
export const FAILED_AUTHENTICATIONS = { limit: 200, windowMs: 60_000, maxNetworks: 20_000 } as const;

const INVALID_TOKEN = refuse('invalid token');
const STORAGE_UNAVAILABLE = refuse('storage unavailable');

export interface DeliveryHandlerContext extends DeliverKeyContext {
  readonly failedAuthentications: NetworkThrottle;
  addressOf(request: IncomingMessage): Address | null;
  readonly observer: DeliveryObserver;
}

/** Told of each request when it is decided. */
export interface DeliveryObserver {
  delivered(requestId: string): void;
  refused(requestId: string, refusal: Refusal, who: RefusedFor | null, network: string): void;
  failed(requestId: string, error: Error): void;
}

/** Whether a path is the delivery's. */
export function isDeliveryPath(path: string): boolean {
  return path === '/api/next' || path === '/api/next.php';
}

/** Answers a request whose path {@link isDeliveryPath}. Never rejects. */
export async function handleDelivery(
  context: DeliveryHandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  query: string,
): Promise<void> {
  if (request.method !== 'GET') return sendMethodNotAllowed(response, requestId);
  const parsed = parseDeliveryRequest(request, query);
  const address = context.addressOf(request);
  if ('reason' in parsed) {
    context.observer.refused(requestId, parsed, null, clientNetwork(address));
    return sendRefusal(response, requestId, parsed);
  }
  const kind = parseTokenKind(parsed.token);
  if (kind !== 'client' && kind !== 'app') {
    return refuseUnknown(context, response, requestId, address);
  }
  let outcome: DeliveryOutcome;
  try {
    outcome = await deliverKey(context, { ...parsed, address });
  } catch (error) {
    context.observer.failed(requestId, error as Error);
    return sendRefusal(response, requestId, STORAGE_UNAVAILABLE);
  }
  if (outcome.refusal === null) {
    context.observer.delivered(requestId);
    return sendDelivered(response, requestId, renderDelivered(outcome.answer));
  }
  if (outcome.refusal.reason === 'invalid token') return refuseUnknown(context, response, requestId, address);
  context.observer.refused(requestId, outcome.refusal, outcome.refusedFor, clientNetwork(address));
  sendRefusal(response, requestId, outcome.refusal);
}

/** A failed authentication: the same answer for all of them, until there were too many from one network. */
function refuseUnknown(
  context: DeliveryHandlerContext,
  response: ServerResponse,
  requestId: string,
  address: Address | null,
): void {
  const network = clientNetwork(address);
  const { now } = context.engine.time();
  const wait = context.failedAuthentications.retryAfter(network, now);
  context.failedAuthentications.charge(network, now);
  const refusal =
    wait === 0
      ? INVALID_TOKEN
      : refuse('rate limit exceeded', {
          name: 'auth',
          quota: FAILED_AUTHENTICATIONS.limit,
          window_seconds: FAILED_AUTHENTICATIONS.windowMs / 1000,
          retry_after_seconds: wait,
        });
  context.observer.refused(requestId, refusal, null, network);
  sendRefusal(response, requestId, refusal);
}
