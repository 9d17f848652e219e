/**
 * `GET /api/next`: a plain handler in front of Express, since every request of a backend passes through it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientFacts } from '../../domain/client-rules.ts';
import { type Address, clientNetwork } from '../../domain/network.ts';
import { refuse } from '../../domain/refusal.ts';
import { isDeliveryToken } from '../../domain/token-format.ts';
import { type DeliverKeyContext, deliverKey } from '../../operations/delivery/deliver-key.ts';
import {
  type BrokenKey,
  brokenKeysOf,
  type DeliveryOutcome,
} from '../../operations/delivery/delivery-outcome.ts';
import { parseDeliveryRequest } from './parse-request.ts';
import { readSignature } from './read-signature.ts';
import {
  type RefusalObserver,
  type RefusingContext,
  refuseKnown,
  refuseUnknown,
  secondsSince,
} from './refusing.ts';
import { renderDelivered, sendDelivered, sendMethodNotAllowed, sendRefusal } from './render.ts';

const STORAGE_UNAVAILABLE = refuse('storage unavailable');

export interface DeliveryHandlerContext extends DeliverKeyContext, RefusingContext {
  addressOf(request: IncomingMessage): Address | null;
  clientOf(request: IncomingMessage, address: Address | null): ClientFacts;
  readonly observer: DeliveryObserver;
}

/** Told of each request when it is decided; `seconds` is how long that took. */
export interface DeliveryObserver extends RefusalObserver {
  /** `app`: its id; null for the client token. */
  delivered(requestId: string, app: number | null, network: string, seconds: number): void;
  failed(requestId: string, error: Error, seconds: number): void;
  /** Keys did not decrypt, and are left out from now on; told once of each. */
  broken(requestId: string, keys: readonly BrokenKey[]): void;
  /** The data key of a tenant does not unwrap; told of each request that this refuses. */
  dataKeyFailed(requestId: string, tenantId: number): void;
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
  const started = performance.now();
  if (request.method !== 'GET') return sendMethodNotAllowed(response, requestId, 'GET');
  const parsed = parseDeliveryRequest(request, query);
  const address = context.addressOf(request);
  const network = clientNetwork(address);
  const asked = { requestId, network, started };
  if ('reason' in parsed) return refuseKnown(context, response, asked, parsed, null);
  if (!isDeliveryToken(parsed.token)) return refuseUnknown(context, response, asked);
  let outcome: DeliveryOutcome;
  try {
    const client = () => context.clientOf(request, address);
    const signature = request.headers['x-signature'] === undefined ? null : await readSignature(request);
    const signed = signature === null ? {} : { signature };
    outcome = await deliverKey(context, { ...parsed, address, client, ...signed });
  } catch (error) {
    context.observer.failed(requestId, error as Error, secondsSince(started));
    return sendRefusal(response, requestId, STORAGE_UNAVAILABLE);
  }
  if (outcome.brokenKeys.length > 0) context.observer.broken(requestId, brokenKeysOf(outcome));
  if (outcome.refusal === null) {
    const { answer, delivery } = outcome;
    context.observer.delivered(requestId, delivery.app_id ?? null, network, secondsSince(started));
    return sendDelivered(response, requestId, renderDelivered(answer));
  }
  const { refusal, refusedFor } = outcome;
  if (outcome.dataKeyFailed && refusedFor !== null)
    context.observer.dataKeyFailed(requestId, refusedFor.tenant_id);
  if (refusal.reason === 'invalid token') return refuseUnknown(context, response, asked);
  await refuseKnown(context, response, asked, refusal, refusedFor);
}
